package emulator

import (
	"encoding/base64"
	"encoding/xml"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"
)

const (
	headerRequestID = "X-Oss-Request-Id"
	headerCRC       = "X-Oss-Hash-Crc64ecma"
)

func newReply(status int) *reply { return &reply{status: status, header: make(http.Header)} }

// xmlReply renders a document in the dialect of OSS.
func xmlReply(document any) (*reply, error) {
	body, err := xml.Marshal(document)
	if err != nil {
		return nil, err
	}
	rep := newReply(http.StatusOK)
	rep.header.Set("Content-Type", "application/xml")
	rep.body = append([]byte(xml.Header), body...)
	return rep, nil
}

// refusal turns any error into an answer; one that is not OSS's own becomes InternalError.
func (ex *exchange) refusal(err error) *reply {
	var refused *apiError
	if !errors.As(err, &refused) {
		refused = errInternal(err)
		ex.server.slog.Error("internal error", "request", ex.id, "op", ex.op, "error", err)
	}
	rep := newReply(refused.Status)
	rep.header.Set("Content-Type", "application/xml")
	rep.body = refused.document(ex.id, ex.r.Host)
	if refused.EC != "" {
		rep.header.Set("X-Oss-Ec", refused.EC)
	}
	if ex.r.Method == http.MethodHead {
		// The answer to HEAD has no body, so OSS sends the document in a header.
		rep.header.Set("X-Oss-Err", base64.StdEncoding.EncodeToString(rep.body))
	}
	return rep
}

// made renders the answer of a fault.
func (ex *exchange) made(a *answer) *reply {
	refused := a.err
	rep := ex.refusal(&refused)
	for name, value := range a.header {
		rep.header.Set(name, value)
	}
	return rep
}

// discard gives back what an unsent reply holds. A nil reply holds nothing.
func (rep *reply) discard() {
	if rep != nil && rep.release != nil {
		rep.release()
	}
}

// send writes the answer to the connection.
func (ex *exchange) send(rep *reply) {
	defer rep.discard()
	h := ex.w.Header()
	for name, values := range rep.header {
		h[name] = values
	}
	h.Set("Server", "AliyunOSS")
	h.Set(headerRequestID, ex.id)
	h.Set("Date", ex.now.UTC().Format(http.TimeFormat))
	h.Set("X-Oss-Server-Time", strconv.FormatInt(time.Since(ex.began).Milliseconds(), 10))
	length := int64(len(rep.body))
	if rep.stream != nil {
		length = rep.length
	}
	if rep.status != http.StatusNoContent && rep.status != http.StatusNotModified {
		h.Set("Content-Length", strconv.FormatInt(length, 10))
	}
	if ex.r.Method == http.MethodHead && rep.stream == nil && rep.status >= http.StatusBadRequest {
		h.Set("Content-Length", "0")
	}
	ex.w.WriteHeader(rep.status)
	if ex.r.Method == http.MethodHead {
		return
	}
	if rep.stream == nil {
		_, _ = ex.w.Write(rep.body) // a client that left is no matter of ours
		return
	}
	if err := rep.stream(ex.w); err != nil {
		ex.server.slog.Debug("answer cut short", "request", ex.id, "error", err)
		panic(http.ErrAbortHandler) // the length was promised: only a broken connection tells the client
	}
}

func logAttributes(ex *exchange, status int) []slog.Attr {
	return []slog.Attr{
		slog.String("op", string(ex.op)), slog.String("bucket", ex.bucket), slog.String("key", ex.key),
		slog.Int("part", ex.partNumber), slog.Int64("bytes", ex.body.count), slog.Int("status", status),
		slog.String("request", ex.id),
	}
}

// formatTime is the time format of OSS's XML.
func formatTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// quoteETag is an ETag as headers and XML carry it.
func quoteETag(etag string) string { return `"` + etag + `"` }
