package emulator

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// exchange is one request on its way to its answer.
type exchange struct {
	server *Server
	store  *store
	w      http.ResponseWriter
	r      *http.Request
	query  url.Values
	route
	plan    plan
	id      string
	began   time.Time // by the real clock, for x-oss-server-time
	now     time.Time // what the server believes, faults included
	body    *bodyReader
	payload []byte // the whole body, of operations whose body is not an object's or a part's

	logged bool
}

// reply is an answer before it is sent; faults may still change it.
type reply struct {
	status int
	header http.Header
	body   []byte
	// stream, when set, writes the body of length bytes in place of body; release is called once it is over or not wanted.
	stream  func(io.Writer) error
	length  int64
	release func()
}

// ending says how an exchange leaves the connection.
type ending int

const (
	endAnswer ending = iota
	endClose         // closed without an answer
	endReset         // reset without an answer
)

// maxPayload bounds the XML a client can make the server hold; a Complete of 10 000 parts needs about 1 MiB.
const maxPayload = 8 << 20

func (s *Server) newExchange(w http.ResponseWriter, r *http.Request) *exchange {
	query := r.URL.Query()
	rt := s.routeOf(r, query)
	ex := &exchange{
		server: s, store: s.store, w: w, r: r, query: query, route: rt,
		plan: s.faults.planFor(rt), id: newID(12), began: time.Now(), now: s.clock(),
	}
	if ex.plan.skewed {
		ex.now = ex.now.Add(ex.plan.skew)
	}
	ex.body = newBodyReader(r.Body, &ex.plan, ex.wait)
	return ex
}

// run takes the exchange to its end, faults included.
func (ex *exchange) run() (*reply, ending) {
	select {
	case <-ex.server.closed:
		return ex.refusal(&apiError{Status: http.StatusServiceUnavailable, Code: "ServiceUnavailable",
			Message: "The emulator was closed."}), endAnswer
	default:
	}
	p := &ex.plan
	for _, hook := range p.hooks {
		hook(ex.r)
	}
	if p.before > 0 && !ex.wait(p.before) {
		return nil, endClose
	}
	if p.instead != nil && p.early {
		return ex.made(p.instead), endAnswer
	}
	if p.instead != nil || p.blackHole {
		ex.drain()
		if ex.body.reset {
			return nil, endReset
		}
		if p.blackHole {
			ex.record(0)
			ex.waitForEver()
			return nil, endClose
		}
		return ex.made(p.instead), endAnswer
	}
	rep, err := ex.perform()
	if err == nil || !ex.expectsContinue() {
		ex.drain()
	}
	if ex.body.reset {
		rep.discard()
		return nil, endReset
	}
	if err != nil {
		rep = ex.refusal(err)
	}
	return ex.afterwards(rep)
}

// afterwards applies the faults that follow a done operation.
func (ex *exchange) afterwards(rep *reply) (*reply, ending) {
	p := &ex.plan
	if p.after > 0 && !ex.wait(p.after) {
		rep.discard()
		return nil, endClose
	}
	if p.closeSilently {
		rep.discard()
		return nil, endClose
	}
	if p.afterwards != nil {
		rep.discard()
		return ex.made(p.afterwards), endAnswer
	}
	if sum := rep.header.Get(headerCRC); sum != "" {
		rep.header.Del(headerCRC)
		if shown := ex.shownCRC(sum); shown != "" {
			rep.header.Set(headerCRC, shown)
		}
	}
	return rep, endAnswer
}

// shownCRC is the checksum as the answer shows it: itself, or what the faults make of it.
func (ex *exchange) shownCRC(sum string) string {
	switch {
	case ex.plan.omitCRC:
		return ""
	case ex.plan.wrongCRC:
		n, _ := strconv.ParseUint(sum, 10, 64) // of our own making
		return formatCRC(n ^ 1)
	}
	return sum
}

// perform verifies and does the operation itself.
func (ex *exchange) perform() (*reply, error) {
	if err := ex.authenticate(); err != nil {
		return nil, err
	}
	if ex.bucket != "" && !validBucketName(ex.bucket) {
		return nil, errInvalidBucketName(ex.bucket)
	}
	if ex.key != "" && !validObjectName(ex.key) {
		return nil, errInvalidObjectName(ex.key)
	}
	handle, takesBody := ex.operation()
	if handle == nil {
		return nil, errNotDone(fmt.Sprintf("The emulator does not know the operation %s %s.", ex.r.Method, ex.r.URL.Path))
	}
	if !takesBody {
		if err := ex.readPayload(); err != nil {
			return nil, err
		}
	}
	return handle(ex)
}

// operation finds what does the work, and whether it reads the body itself.
func (ex *exchange) operation() (handle func(*exchange) (*reply, error), takesBody bool) {
	switch ex.op {
	case OpUploadPart:
		return (*exchange).uploadPart, true
	case OpPutObject:
		return (*exchange).putObject, true
	case OpInitiate:
		return (*exchange).initiate, false
	case OpUploadPartCopy:
		return (*exchange).uploadPartCopy, false
	case OpComplete:
		return (*exchange).complete, false
	case OpAbort:
		return (*exchange).abort, false
	case OpListUploads:
		return (*exchange).listUploads, false
	case OpListParts:
		return (*exchange).listParts, false
	case OpHeadObject, OpGetObject:
		return (*exchange).getObject, false
	case OpCopyObject:
		return (*exchange).copyObject, false
	case OpDeleteObject:
		return (*exchange).deleteObject, false
	case OpDeleteMultipleObjects:
		return (*exchange).deleteMultipleObjects, false
	case OpGetObjectACL:
		return (*exchange).getObjectACL, false
	case OpGetObjectTagging:
		return (*exchange).getObjectTagging, false
	case OpListObjects, OpListObjectsV2:
		return (*exchange).listObjects, false
	case OpListBuckets:
		return (*exchange).listBuckets, false
	case OpPutBucket:
		return (*exchange).putBucket, false
	case OpDeleteBucket:
		return (*exchange).deleteBucket, false
	case OpGetBucketInfo:
		return (*exchange).getBucketInfo, false
	case OpGetBucketLocation:
		return (*exchange).getBucketLocation, false
	}
	return nil, false
}

// readPayload takes the whole body before anything is done, so that a body cut short or damaged leaves no trace in the store.
func (ex *exchange) readPayload() error {
	data, err := io.ReadAll(io.LimitReader(ex.body, maxPayload+1))
	if err != nil {
		return errBodyLost(err)
	}
	if len(data) > maxPayload {
		return errMalformedXML(ex.op, "the document is larger than the emulator reads")
	}
	want, err := contentMD5(ex.r.Header)
	if err != nil {
		return err
	}
	if sum := md5.Sum(data); want != nil && string(want) != string(sum[:]) {
		return errInvalidDigest(ex.r.Header.Get("Content-MD5"))
	}
	ex.payload = data
	return nil
}

// contentMD5 decodes the header; nil without one.
func contentMD5(h http.Header) ([]byte, error) {
	text := h.Get("Content-MD5")
	if text == "" {
		return nil, nil
	}
	sum, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(sum) != md5.Size {
		return nil, errInvalidDigest(text)
	}
	return sum, nil
}

func errBodyLost(err error) error {
	return &apiError{Status: http.StatusBadRequest, Code: "RequestTimeout",
		Message: fmt.Sprintf("The body of the request did not arrive whole: %v.", err)}
}

// drain reads what is left of the body, so that the client has sent everything before it is answered, and the connection stays
// of use.
func (ex *exchange) drain() {
	buffer := ex.server.buffer()
	defer ex.server.release(buffer)
	for {
		if _, err := ex.body.Read(*buffer); err != nil {
			return
		}
	}
}

// expectsContinue reports that the client holds its body back until the server agrees; a refusal must come without reading.
func (ex *exchange) expectsContinue() bool {
	return ex.body.count == 0 && ex.r.Header.Get("Expect") != ""
}

// wait reports whether the whole time passed; it does not when the client leaves or the server closes.
func (ex *exchange) wait(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ex.r.Context().Done():
	case <-ex.server.closed:
	}
	return false
}

func (ex *exchange) waitForEver() {
	select {
	case <-ex.r.Context().Done():
	case <-ex.server.closed:
	}
}

// record writes the request log, once, before the answer leaves.
func (ex *exchange) record(status int) {
	if ex.logged {
		return
	}
	ex.logged = true
	ex.server.log.add(Request{Op: ex.op, Bucket: ex.bucket, Key: ex.key, UploadID: ex.uploadID, PartNumber: ex.partNumber,
		BodyBytes: ex.body.count, Status: status, At: ex.now, RequestID: ex.id})
	ex.server.slog.LogAttrs(context.Background(), slog.LevelDebug, "request", logAttributes(ex, status)...)
}

// hangUp drops the connection without an answer.
func (ex *exchange) hangUp(reset bool) {
	conn, _, err := http.NewResponseController(ex.w).Hijack()
	if err != nil {
		// HTTP/2, or a recorder in a test: this is how net/http is told to break off.
		panic(http.ErrAbortHandler)
	}
	if reset {
		raw := conn
		if wrapped, ok := raw.(interface{ NetConn() net.Conn }); ok {
			raw = wrapped.NetConn()
		}
		if tcp, ok := raw.(interface{ SetLinger(int) error }); ok {
			_ = tcp.SetLinger(0) // Close then sends RST; should this fail, a plain close is the next best
		}
	}
	_ = conn.Close()
}
