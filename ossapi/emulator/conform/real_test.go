package conform

import (
	"os"
	"testing"
)

// TestRealBucket runs against a bucket of the service itself, under a random
// key prefix, when the environment names one. It removes what it makes. The
// bucket must be private and without versioning, under which OSS ignores
// x-oss-forbid-overwrite.
func TestRealBucket(t *testing.T) {
	const prefix = "PARTWAY_TEST_"
	values := make(map[string]string)
	for _, name := range []string{"ENDPOINT", "REGION", "BUCKET", "ACCESS_KEY_ID", "ACCESS_KEY_SECRET"} {
		if values[name] = os.Getenv(prefix + name); values[name] == "" {
			t.Skipf("%s%s is not set: no real bucket to test", prefix, name)
		}
	}
	Run(t, Target{
		Name:            "real bucket",
		Endpoint:        values["ENDPOINT"],
		Region:          values["REGION"],
		Bucket:          values["BUCKET"],
		AccessKeyID:     values["ACCESS_KEY_ID"],
		AccessKeySecret: values["ACCESS_KEY_SECRET"],
		Skip: map[string]string{
			"bucket-with-upload-is-not-deleted": "would make and delete a bucket of the account",
			"metadata-sse-kms-etag-is-no-md5":   "needs the key service, which costs money",
		},
	})
}
