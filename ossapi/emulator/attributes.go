package emulator

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// attributes are what a client fixes about an object when it creates it (for a multipart upload: when it initiates it).
type attributes struct {
	Headers  map[string]string `json:",omitempty"` // kept and returned as sent, by canonical name
	Metadata map[string]string `json:",omitempty"` // x-oss-meta-*, by lower-case name without the prefix
	Storage  string
	Tags     []tag `json:",omitempty"`
}

type tag struct {
	Key   string `xml:"Key"`
	Value string `xml:"Value"`
}

const (
	metadataPrefix    = "X-Oss-Meta-"
	headerEncryption  = "X-Oss-Server-Side-Encryption"
	headerStorage     = "X-Oss-Storage-Class"
	headerACL         = "X-Oss-Object-Acl"
	headerTagging     = "X-Oss-Tagging"
	defaultStorage    = "Standard"
	defaultACL        = "default"
	defaultMediaType  = "application/octet-stream"
	maxTags           = 10
	maxMetadataLength = 8 << 10
)

// keptHeaders come back with the object just as they were sent.
var keptHeaders = []string{"Content-Type", "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Expires",
	headerEncryption, "X-Oss-Server-Side-Encryption-Key-Id", "X-Oss-Server-Side-Data-Encryption"}

var storageClasses = []string{"Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive"}

var objectACLs = []string{"default", "private", "public-read", "public-read-write"}

// attributesOf reads and checks the headers of a creating request.
func attributesOf(h http.Header) (attributes, error) {
	a := attributes{Storage: defaultStorage, Headers: make(map[string]string), Metadata: make(map[string]string)}
	for _, name := range keptHeaders {
		if value := h.Get(name); value != "" {
			a.Headers[name] = value
		}
	}
	if a.Headers["Content-Type"] == "" {
		a.Headers["Content-Type"] = defaultMediaType
	}
	length := 0
	for name, values := range h {
		if rest, found := strings.CutPrefix(name, metadataPrefix); found {
			a.Metadata[strings.ToLower(rest)] = strings.Join(values, ",")
			length += len(name) + len(values[0])
		}
	}
	if length > maxMetadataLength {
		return a, &apiError{Status: http.StatusBadRequest, Code: "MetadataTooLarge",
			Message: "Your metadata headers exceed the maximum allowed metadata size."}
	}
	if class := h.Get(headerStorage); class != "" {
		if !slices.Contains(storageClasses, class) {
			return a, errInvalidArgument("The specified storage class is not valid.", "x-oss-storage-class", class)
		}
		a.Storage = class
	}
	if method := a.Headers[headerEncryption]; method != "" && !slices.Contains([]string{"AES256", "KMS", "SM4"}, method) {
		return a, &apiError{Status: http.StatusBadRequest, Code: "InvalidEncryptionAlgorithmError",
			Message: "The encryption request you specified is not valid. Supported values: AES256/KMS/SM4."}
	}
	var err error
	a.Tags, err = parseTags(h.Get(headerTagging))
	return a, err
}

// parseTags reads x-oss-tagging, which is written like a query.
func parseTags(text string) ([]tag, error) {
	if text == "" {
		return nil, nil
	}
	values, err := url.ParseQuery(text)
	invalid := &apiError{Status: http.StatusBadRequest, Code: "InvalidTag", Message: "The tagging header is not valid."}
	if err != nil || len(values) > maxTags {
		return nil, invalid
	}
	var tags []tag
	for key, value := range values {
		if key == "" || len(key) > 128 || len(value) != 1 || len(value[0]) > 256 {
			return nil, invalid
		}
		tags = append(tags, tag{key, value[0]})
	}
	slices.SortFunc(tags, func(a, b tag) int { return strings.Compare(a.Key, b.Key) })
	return tags, nil
}

// aclOf reads x-oss-object-acl.
func aclOf(h http.Header) (string, error) {
	acl := h.Get(headerACL)
	if acl == "" {
		return defaultACL, nil
	}
	if !slices.Contains(objectACLs, acl) {
		return "", errInvalidArgument("The specified object ACL is not valid.", "x-oss-object-acl", acl)
	}
	return acl, nil
}

// opaqueETag reports that the object's ETag says nothing about its bytes, as with keys of the key management service.
func (a *attributes) opaqueETag() bool { return a.Headers[headerEncryption] == "KMS" }

// copyEncryption writes the encryption headers, which OSS repeats in the answer to a write.
func (a *attributes) copyEncryption(to http.Header) {
	for name, value := range a.Headers {
		if strings.HasPrefix(name, "X-Oss-Server-Side-") {
			to.Set(name, value)
		}
	}
}

// copyTo writes the headers of an answer to GET or HEAD.
func (a *attributes) copyTo(h http.Header) {
	for name, value := range a.Headers {
		h.Set(name, value)
	}
	for name, value := range a.Metadata {
		h.Set(metadataPrefix+name, value)
	}
	h.Set(headerStorage, a.Storage)
	if len(a.Tags) > 0 {
		h.Set("X-Oss-Tagging-Count", strconv.Itoa(len(a.Tags)))
	}
}
