//go:build unix

package main

import (
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"partway/ossapi/emulator"
)

// tunnel is a proxy that connects whoever asks for any host with one server, as an HTTPS proxy does: it sees no more than the name.
type tunnel struct {
	to    string
	asked atomic.Int64
	open  sync.WaitGroup
}

func (u *tunnel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		http.Error(w, "only CONNECT", http.StatusMethodNotAllowed)
		return
	}
	u.asked.Add(1)
	server, err := net.Dial("tcp", u.to)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	client, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		server.Close()
		return
	}
	io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n")
	u.open.Go(func() { io.Copy(server, client); server.Close() })
	u.open.Go(func() { io.Copy(client, server); client.Close() })
}

// behindTLS moves the product's OSS behind TLS and a proxy that has to be used to reach it. The returned file holds its certificate.
func (p *product) behindTLS() (proxy *tunnel, certificate string) {
	p.t.Helper()
	secure := httptest.NewTLSServer(p.server)
	proxy = &tunnel{to: secure.Listener.Addr().String()}
	listener := httptest.NewServer(proxy)
	p.t.Cleanup(func() {
		listener.Close()
		secure.CloseClientConnections()
		secure.Close()
		proxy.open.Wait()
	})
	certificate = filepath.Join(p.t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})
	if err := os.WriteFile(certificate, block, 0o600); err != nil {
		p.t.Fatal(err)
	}
	// The name is the certificate's own; a proxy is not asked for addresses of this machine.
	p.env = append(p.env, "OSS_ENDPOINT=https://example.com", "HTTPS_PROXY="+listener.URL)
	return proxy, certificate
}

// Through a proxy and TLS everything is as without.
func TestOverTLSThroughAProxy(t *testing.T) {
	p := newProduct(t)
	proxy, certificate := p.behindTLS()
	p.env = append(p.env, "SSL_CERT_FILE="+certificate)
	path, sum := p.file("data", 5<<20+7)
	p.run("put", path, "oss://"+bucket+"/k", "--part-size", "1M", "--style", "path")
	p.wantObject("k", sum)
	if proxy.asked.Load() == 0 {
		t.Error("the proxy was not used")
	}
	if n := p.calls(emulator.OpUploadPart); n != 6 {
		t.Errorf("%d parts were sent, want 6", n)
	}
}

// A certificate that nobody vouches for is said to be the reason, at once: to try again would not help, and nothing is sent.
func TestCertificateOfNobody(t *testing.T) {
	p := newProduct(t)
	p.behindTLS()
	path, _ := p.file("data", 5<<20)
	cmd := p.command("put", path, "oss://"+bucket+"/k", "--part-size", "1M", "--style", "path")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "signed by unknown authority") || !strings.Contains(string(out), "SSL_CERT_FILE") {
		t.Errorf("%v\n%s", err, out)
	}
	if n := p.server.UploadCount(bucket); n != 0 {
		t.Errorf("%d uploads were begun", n)
	}
}
