// Package ossapi makes the calls of Alibaba Cloud OSS that a multipart upload
// needs: initiate, upload part, list, complete, abort, and the few around them
// (head, put, list buckets).
//
// It is a client of single calls. Each method sends one request once and gives
// back the answer in the types of this package, or an [*Error] that says what
// failed and of which [Kind] the failure is. It does not retry, queue, resume,
// limit bandwidth, read files or keep state: those belong to its callers.
//
// URL building and request signing are done by the official SDK; its own
// upload manager, retries, checksums, timeouts and error texts are not used,
// see call.go for how the two are joined.
//
// Any package that talks to OSS may import it. It imports nothing else of this
// module. Start reading at client.go (what a Client is), then call.go (how one
// request is made), then the file named after the call you care about.
package ossapi
