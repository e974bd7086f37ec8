package conform

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"

	"partway/ossapi/emulator"
)

const (
	testKeyID     = "conformTestKeyId"
	testKeySecret = "conformTestKeySecret"
	testDomain    = "oss.local"
)

// startEmulator serves an emulator on a loopback socket, behind wrap if that is
// not nil, and returns it as a target that signs with V4.
func startEmulator(t *testing.T, verify bool, wrap func(http.Handler) http.Handler) Target {
	t.Helper()
	options := emulator.Options{Dir: t.TempDir(), Region: "cn-hangzhou", Domain: testDomain}
	if verify {
		options.Credentials = map[string]string{testKeyID: testKeySecret}
	}
	server, err := emulator.New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Errorf("close the emulator: %v", err)
		}
	})
	var handler http.Handler = server
	if wrap != nil {
		handler = wrap(server)
	}
	listener := httptest.NewServer(handler)
	t.Cleanup(listener.Close)
	target := Target{
		Name: "emulator", Endpoint: listener.URL, Region: "cn-hangzhou",
		AccessKeyID: testKeyID, AccessKeySecret: testKeySecret, Bucket: "conform-bucket",
	}
	if err := server.CreateBucket(target.Bucket); err != nil {
		t.Fatal(err)
	}
	return target
}

// wantClean fails if a run left uploads or objects behind.
func wantClean(t *testing.T, target Target) {
	t.Helper()
	suite, err := newSuite(target)
	if err != nil {
		t.Fatal(err)
	}
	defer suite.close()
	bucket := oss.Ptr(target.Bucket)
	uploads, err := suite.client.ListMultipartUploads(t.Context(), &oss.ListMultipartUploadsRequest{Bucket: bucket})
	if err != nil {
		t.Fatalf("list uploads: %s", brief(err))
	}
	for _, u := range uploads.Uploads {
		t.Errorf("the suite leaves upload %s of %q behind", oss.ToString(u.UploadId), oss.ToString(u.Key))
	}
	objects, err := suite.client.ListObjectsV2(t.Context(), &oss.ListObjectsV2Request{Bucket: bucket})
	if err != nil {
		t.Fatalf("list objects: %s", brief(err))
	}
	for _, o := range objects.Contents {
		t.Errorf("the suite leaves object %q behind", oss.ToString(o.Key))
	}
}

func TestEmulator(t *testing.T) {
	target := startEmulator(t, true, nil)
	Run(t, target)
	wantClean(t, target)
}

// addressCases are those in which the signature or the address of the bucket
// takes part: they are worth running under each way to sign and to address.
func addressCases() []string {
	return slices.DeleteFunc(Names(), func(name string) bool {
		for _, group := range []string{"cycle-", "keys-", "copy-", "metadata-", "signature-", "presigned-", "errors-"} {
			if strings.HasPrefix(name, group) {
				return false
			}
		}
		return true
	})
}

func TestEmulatorSignatureV1(t *testing.T) {
	target := startEmulator(t, true, nil)
	target.SignatureV1 = true
	target.Only = addressCases()
	Run(t, target)
	wantClean(t, target)
}

// TestEmulatorVirtualHost puts the bucket in the host name. The names are
// resolved by the client's own dialer.
func TestEmulatorVirtualHost(t *testing.T) {
	target := startEmulator(t, true, nil)
	address := strings.TrimPrefix(target.Endpoint, "http://")
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	target.Endpoint = "http://" + net.JoinHostPort(testDomain, port)
	target.Only = addressCases()
	target.NewHTTPClient = func() *http.Client {
		dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		}
		return &http.Client{Transport: &http.Transport{DialContext: dial}, Timeout: time.Minute}
	}
	Run(t, target)
	wantClean(t, target)
}
