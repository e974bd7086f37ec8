// Package conform is a conformance suite for servers that speak the multipart
// protocol of Alibaba Cloud OSS. Its client is the official Go SDK, so a server
// that passes is judged by a client nobody of this project wrote: our own client
// and our own emulator can not agree with each other on a mistake.
//
// Run drives a server as subtests of a Go test. Try drives it without failing
// anything and reports, which is how a skip list is kept honest and how the
// suite itself is tested: a server damaged on purpose must be found out.
//
// A case states one rule of the protocol. Cases are small so that a server
// lacking one feature skips one rule and is still held to the others. Each case
// works under a key prefix of its own that holds a random part, takes nothing
// for granted about the rest of the bucket, and removes what it made; the suite
// may therefore run against a bucket in use.
//
// The rules are those of the OSS API reference (the pages of the seven multipart
// calls, of object naming and of the limits) and of the help pages found by an
// error's EC. Sequential mode is not in the reference; its cases state what the
// SDK's users report, and check no HTTP status that nobody wrote down. Where the
// reference leaves something open, as the order of several uploads of one key,
// no case asks for it.
//
// The package is not a load test, not a fault test, and no test of our client.
// Only tests import it. Start reading at Target and Run, then at the table in
// cases.go.
package conform
