package conform

import (
	"maps"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// gofakes3Skips are the rules of OSS that gofakes3, a double of the protocol OSS
// descends from, does not follow. TestGofakes3SkipsHold keeps the list true.
func gofakes3Skips() map[string]string {
	const (
		noCRC        = "has no CRC64 headers or elements"
		noCopy       = "has no UploadPartCopy: wants a Content-Length above 0"
		noSignature  = "does not look at signatures"
		noForbid     = "does not know x-oss-forbid-overwrite"
		noSequential = "does not know sequential mode"
		noXOSS       = "does not know x-oss- headers"
		noEC         = "errors have no EC"
		notEscaped   = "does not know encoding-type=url; XML can not hold control characters"
	)
	return map[string]string{
		"cycle-sequential-mode-refusals":    noSequential,
		"part-etag-is-quoted-upper-case":    "ETags are in lower case",
		"part-crc64":                        noCRC,
		"part-content-md5-wrong":            "says BadDigest for InvalidDigest",
		"part-number-out-of-range":          "says InvalidPart for InvalidArgument",
		"complete-small-part-in-the-middle": "does not check part sizes",
		"complete-order":                    "accepts any order",
		"complete-number-twice":             "accepts any order",
		"complete-empty-list":               "accepts an empty list",
		"complete-malformed-body":           "does not look at the name of the root element",
		"complete-all":                      "does not know complete-all",
		"complete-all-with-body":            "does not know complete-all",
		"complete-etag-shape":               "ETags are in lower case, and HEAD answers another one",
		"complete-crc64":                    noCRC,
		"complete-forbid-overwrite":         noForbid,
		"overwrite-forbidden-at-initiate":   noForbid,
		"overwrite-forbidden-at-put":        noForbid,
		"list-uploads-delimiter-pages":      "common prefixes do not count as entries of a page",
		"list-uploads-key-marker":           "markers name the next upload, not the last one",
		"list-uploads-upload-id-marker":     "markers name the next upload, not the last one",
		"keys-control-characters":           notEscaped,
		"keys-as-markers":                   notEscaped,
		"keys-too-long":                     "accepts a key of 1024 bytes",
		"keys-leading-slash":                "accepts any first character",
		"list-parts-crc64":                  noCRC,
		"list-parts-storage-class":          "says STANDARD whatever was asked",
		"list-parts-pages":                  "numbers parts after a marker wrongly",
		"list-parts-marker":                 "numbers parts after a marker wrongly",
		"list-parts-default-page-is-1000":   "numbers parts after a marker wrongly",
		"copy-whole-object":                 noCopy,
		"copy-range":                        noCopy,
		"copy-from-multipart-object":        noCopy,
		"copy-source-key-is-escaped":        noCopy,
		"copy-missing-source":               noCopy,
		"copy-to-unknown-upload":            noCopy,
		"object-types":                      noXOSS,
		"object-get-crc64":                  noCRC,
		"object-put-etag-and-crc64":         noCRC,
		"metadata-standard-headers":         "keeps neither Cache-Control nor Expires",
		"metadata-user":                     noXOSS,
		"metadata-storage-class":            noXOSS,
		"metadata-tagging":                  noXOSS,
		"metadata-acl-at-complete":          "has no GetObjectAcl",
		"metadata-sse-aes256":               noXOSS,
		"metadata-sse-kms-etag-is-no-md5":   noXOSS,
		"errors-of-head":                    "does not know x-oss-err",
		"errors-body-fields":                noEC,
		"errors-ec":                         noEC,
		"errors-ec-of-clock-skew":           noEC,
		"errors-ec-of-sequential-mode":      noSequential,
		"answers-headers":                   noXOSS,
		"answers-request-ids-differ":        noXOSS,
		"bucket-with-upload-is-not-deleted": "deletes a bucket that has uploads",
		"signature-wrong-secret":            noSignature,
		"signature-unknown-key-id":          noSignature,
		"signature-none":                    noSignature,
		"signature-wrong-region":            noSignature,
		"signature-covers-request":          noSignature,
		"signature-covers-query":            noSignature,
		"signature-clock-skewed":            noSignature,
		"presigned-tampered":                noSignature,
		"presigned-expired":                 noSignature,
	}
}

func gofakes3Target(t *testing.T) Target {
	t.Helper()
	fake := gofakes3.New(s3mem.New(), gofakes3.WithAutoBucket(false), gofakes3.WithoutVersioning())
	server := httptest.NewServer(fake.Server())
	t.Cleanup(server.Close)
	target := Target{
		Name: "gofakes3", Endpoint: server.URL, Region: "cn-hangzhou",
		AccessKeyID: "id", AccessKeySecret: "secret", Bucket: "conform-bucket",
		Skip: gofakes3Skips(),
	}
	makeBucket(t, target)
	return target
}

// TestGofakes3 is a second opinion: a server by other authors agrees with the
// suite wherever the two protocols agree.
func TestGofakes3(t *testing.T) { Run(t, gofakes3Target(t)) }

// TestGofakes3SkipsHold fails for a skipped case that would pass.
func TestGofakes3SkipsHold(t *testing.T) {
	target := gofakes3Target(t)
	target.Only = slices.Sorted(maps.Keys(target.Skip))
	outcomes, err := Try(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range outcomes {
		if o.Passed() {
			t.Errorf("case %s passes; its reason to skip no longer holds: %s", o.Case, target.Skip[o.Case])
		}
	}
}
