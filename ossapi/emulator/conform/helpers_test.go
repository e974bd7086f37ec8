package conform

import (
	"testing"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
	"go.uber.org/goleak"
)

// TestMain fails the package if a run leaves a goroutine, and so a connection,
// behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// makeBucket makes the target's bucket through the protocol itself.
func makeBucket(t *testing.T, target Target) {
	t.Helper()
	suite, err := newSuite(target)
	if err != nil {
		t.Fatal(err)
	}
	defer suite.close()
	_, err = suite.client.PutBucket(t.Context(), &oss.PutBucketRequest{Bucket: oss.Ptr(target.Bucket)})
	if err != nil {
		t.Fatalf("make the bucket: %s", brief(err))
	}
}
