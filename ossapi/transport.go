package ossapi

import (
	"cmp"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	dialTimeout = 10 * time.Second
	tlsTimeout  = 10 * time.Second
	// poolTimeout is how long a connection is kept for the next call; OSS
	// closes idle ones itself after about a minute.
	poolTimeout = 50 * time.Second
	keepAlive   = 15 * time.Second
	// unackedTimeout is how long sent bytes may go unacknowledged.
	unackedTimeout = 30 * time.Second
	// writeBuffer holds the head of a request and the first bytes of its
	// body; the rest goes past it, see watchedConn.ReadFrom.
	writeBuffer = 16 << 10
	maxHeader   = 64 << 10
)

// newTransport makes the transport of a client. One serves all calls: the
// silence that each allows is set per request, see watchedConn.
func newTransport(o Options) *http.Transport {
	conns := cmp.Or(o.MaxConns, defaultMaxConns)
	proxy := o.Proxy
	if proxy == nil {
		proxy = http.ProxyFromEnvironment
	}
	// HTTP/2 would put all parts on one connection, which one lost packet
	// stops and one TCP window limits.
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  proxy,
		DialContext:            newDialer().dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs},
		TLSHandshakeTimeout:    tlsTimeout,
		Protocols:              &protocols,
		DisableCompression:     true, // sizes and limits are those of the bytes sent
		MaxConnsPerHost:        conns,
		MaxIdleConns:           0, // no limit of its own
		MaxIdleConnsPerHost:    conns,
		IdleConnTimeout:        poolTimeout,
		MaxResponseHeaderBytes: maxHeader,
		WriteBufferSize:        writeBuffer,
	}
}

// dialer opens watched connections.
type dialer struct {
	net     net.Dialer
	buffers sync.Pool // of *[]byte, for watchedConn.ReadFrom
}

func newDialer() *dialer {
	return &dialer{
		net: net.Dialer{
			Timeout:         dialTimeout,
			KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: keepAlive, Interval: keepAlive, Count: 3},
			Control:         limitUnacked,
		},
		buffers: sync.Pool{New: func() any {
			buf := make([]byte, copySize)
			return &buf
		}},
	}
}

func (d *dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := d.net.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &watchedConn{Conn: conn, buffers: &d.buffers}, nil
}
