package emulator

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sort"
)

// ownerID is the account all buckets and objects belong to.
const ownerID = "1234567890123456"

type ownerXML struct {
	ID          string
	DisplayName string
}

func (ex *exchange) putBucket() (*reply, error) {
	if err := ex.server.createBucket(ex.bucket); err != nil {
		return nil, err
	}
	rep := newReply(http.StatusOK)
	rep.header.Set("Location", "/"+ex.bucket)
	return rep, nil
}

// CreateBucket makes an empty bucket. It fails when the name breaks OSS's rules or is taken.
func (s *Server) CreateBucket(name string) error {
	if !validBucketName(name) {
		return fmt.Errorf("create bucket %q: %w", name, errInvalidBucketName(name))
	}
	if err := s.createBucket(name); err != nil {
		return fmt.Errorf("create bucket %q: %w", name, err)
	}
	return nil
}

func (s *Server) createBucket(name string) error {
	st := s.store
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.buckets[name] != nil {
		return (&apiError{Status: http.StatusConflict, Code: "BucketAlreadyExists", EC: "0015-00000104",
			Message: "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.",
		}).with("BucketName", name)
	}
	b := newBucket(st.root, name, s.clock().UTC())
	dir, err := st.prepareDir(bucketFile, bucketRecord{Created: b.created})
	if err != nil {
		return err
	}
	for _, sub := range []string{objectsDir, uploadsDir} {
		if err := os.Mkdir(filepath.Join(dir, sub), dirMode); err != nil {
			return err
		}
	}
	if err := os.Rename(dir, b.dir); err != nil {
		return err
	}
	st.buckets[name] = b
	return nil
}

func (ex *exchange) deleteBucket() (*reply, error) {
	st := ex.store
	st.mu.Lock()
	defer st.mu.Unlock()
	b, err := st.bucket(ex.bucket)
	if err != nil {
		return nil, err
	}
	if len(b.objects.items) > 0 || len(b.uploads.items) > 0 {
		return nil, (&apiError{Status: http.StatusConflict, Code: "BucketNotEmpty", EC: "0015-00000301",
			Message: "The bucket has objects or unfinished multipart uploads. Please delete them first."}).with("BucketName", b.name)
	}
	grave := st.tempPath()
	if err := os.Rename(b.dir, grave); err != nil {
		return nil, err
	}
	delete(st.buckets, b.name)
	if err := os.RemoveAll(grave); err != nil {
		return nil, err
	}
	return newReply(http.StatusNoContent), nil
}

type bucketXML struct {
	Name             string
	CreationDate     string
	Location         string
	Region           string
	StorageClass     string
	ExtranetEndpoint string
	IntranetEndpoint string
}

func (ex *exchange) bucketXML(b *bucket) bucketXML {
	location := "oss-" + ex.server.region
	return bucketXML{
		Name: b.name, CreationDate: formatTime(b.created), Location: location, Region: ex.server.region, StorageClass: defaultStorage,
		ExtranetEndpoint: location + ".aliyuncs.com", IntranetEndpoint: location + "-internal.aliyuncs.com",
	}
}

func (ex *exchange) listBuckets() (*reply, error) {
	limit, err := ex.pageSize("max-keys", 100)
	if err != nil {
		return nil, err
	}
	prefix, marker := ex.query.Get("prefix"), ex.query.Get("marker")
	ex.store.mu.RLock()
	defer ex.store.mu.RUnlock()
	names := make([]string, 0, len(ex.store.buckets))
	for name := range ex.store.buckets {
		names = append(names, name)
	}
	sort.Strings(names)
	pg := paginate(len(names), func(i int) string { return names[i] }, pageQuery{
		start: sort.Search(len(names), func(i int) bool { return names[i] > marker }), prefix: prefix, max: limit,
	})
	doc := struct {
		XMLName     xml.Name    `xml:"ListAllMyBucketsResult"`
		Prefix      string      `xml:",omitempty"`
		Marker      string      `xml:",omitempty"`
		MaxKeys     int         `xml:",omitempty"`
		IsTruncated bool        `xml:",omitempty"`
		NextMarker  string      `xml:",omitempty"`
		Owner       ownerXML    `xml:"Owner"`
		Buckets     []bucketXML `xml:"Buckets>Bucket"`
	}{Prefix: prefix, Marker: marker, MaxKeys: limit, IsTruncated: pg.truncated, Owner: ownerXML{ownerID, ownerID}}
	for _, e := range pg.entries {
		doc.Buckets = append(doc.Buckets, ex.bucketXML(ex.store.buckets[names[e.item]]))
		if pg.truncated {
			doc.NextMarker = names[e.item]
		}
	}
	return xmlReply(doc)
}

func (ex *exchange) getBucketInfo() (*reply, error) {
	ex.store.mu.RLock()
	defer ex.store.mu.RUnlock()
	b, err := ex.store.bucket(ex.bucket)
	if err != nil {
		return nil, err
	}
	type info struct {
		bucketXML
		DataRedundancyType string
		Owner              ownerXML
		ACL                string `xml:"AccessControlList>Grant"`
	}
	return xmlReply(struct {
		XMLName xml.Name `xml:"BucketInfo"`
		Bucket  info
	}{Bucket: info{ex.bucketXML(b), "LRS", ownerXML{ownerID, ownerID}, "private"}})
}

func (ex *exchange) getBucketLocation() (*reply, error) {
	ex.store.mu.RLock()
	defer ex.store.mu.RUnlock()
	if _, err := ex.store.bucket(ex.bucket); err != nil {
		return nil, err
	}
	return xmlReply(struct {
		XMLName xml.Name `xml:"LocationConstraint"`
		Text    string   `xml:",chardata"`
	}{Text: "oss-" + ex.server.region})
}
