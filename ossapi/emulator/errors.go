package emulator

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// apiError is a refusal as OSS words it. Code and Message are what clients decide by and show; EC is the finer code that names a
// page of the OSS help; it is empty where no source gives one.
type apiError struct {
	Status  int
	Code    string
	Message string
	EC      string
	Details []detail // further elements of the XML, in order
}

type detail struct{ Name, Value string }

func (e *apiError) Error() string { return e.Code + ": " + e.Message }

func (e *apiError) with(name, value string) *apiError {
	e.Details = append(e.Details, detail{name, value})
	return e
}

// document renders the error body of OSS.
func (e *apiError) document(requestID, host string) []byte {
	var b bytes.Buffer
	b.WriteString(xml.Header + "<Error>")
	element := func(name, value string) {
		b.WriteString("\n  <" + name + ">")
		_ = xml.EscapeText(&b, []byte(value)) // a bytes.Buffer never fails
		b.WriteString("</" + name + ">")
	}
	element("Code", e.Code)
	element("Message", e.Message)
	element("RequestId", requestID)
	element("HostId", host)
	for _, d := range e.Details {
		element(d.Name, d.Value)
	}
	if e.EC != "" {
		element("EC", e.EC)
		element("RecommendDoc", "https://api.aliyun.com/troubleshoot?q="+e.EC)
	}
	b.WriteString("\n</Error>\n")
	return b.Bytes()
}

// Codes and ECs below are those of the OSS help pages and of answers of the service that others have published. Two statuses
// are likely but found in neither: the 409 of FileAlreadyExists and of PartNotSequential.

func errInvalidArgument(message, name, value string) *apiError {
	return (&apiError{Status: http.StatusBadRequest, Code: "InvalidArgument", Message: message}).
		with("ArgumentName", name).with("ArgumentValue", value)
}

func errPartNumber(value string) *apiError {
	e := errInvalidArgument("Part number must be an integer between 1 and 10000, inclusive.", "partNumber", value)
	e.EC = "0017-00000220"
	return e
}

func errNoSuchBucket(bucket string) *apiError {
	return (&apiError{Status: http.StatusNotFound, Code: "NoSuchBucket", Message: "The specified bucket does not exist.",
		EC: "0015-00000101"}).with("BucketName", bucket)
}

func errInvalidBucketName(bucket string) *apiError {
	return (&apiError{Status: http.StatusBadRequest, Code: "InvalidBucketName",
		Message: "The specified bucket is not valid."}).with("BucketName", bucket)
}

func errNoSuchKey(key string) *apiError {
	return (&apiError{Status: http.StatusNotFound, Code: "NoSuchKey", Message: "The specified key does not exist.",
		EC: "0026-00000001"}).with("Key", key)
}

func errInvalidObjectName(key string) *apiError {
	return (&apiError{Status: http.StatusBadRequest, Code: "InvalidObjectName",
		Message: "The specified object is not valid."}).with("ObjectName", key)
}

// errNoSuchUpload takes the EC by operation: OSS numbers the same refusal differently in each.
func errNoSuchUpload(op Op, uploadID string) *apiError {
	ec := "0017-00000244"
	switch op {
	case OpComplete:
		ec = "0042-00000203"
	case OpUploadPart, OpUploadPartCopy:
		ec = "0042-00000104"
	}
	return (&apiError{Status: http.StatusNotFound, Code: "NoSuchUpload", EC: ec,
		Message: "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
	}).with("UploadId", uploadID)
}

func errFileAlreadyExists(op Op) *apiError {
	ec := ""
	if op == OpComplete {
		ec = "0042-00000214"
	}
	return &apiError{Status: http.StatusConflict, Code: "FileAlreadyExists", EC: ec,
		Message: "The object you specified already exists and can not be overwritten."}
}

func errInvalidDigest(given string) *apiError {
	return (&apiError{Status: http.StatusBadRequest, Code: "InvalidDigest",
		Message: "The Content-MD5 you specified was invalid."}).with("Content-MD5", given)
}

func errEntityTooLarge(limit int64) *apiError {
	return (&apiError{Status: http.StatusBadRequest, Code: "EntityTooLarge",
		Message: "Your proposed upload exceeds the maximum allowed object size."}).
		with("MaxSizeAllowed", strconv.FormatInt(limit, 10))
}

func errEntityTooSmall(p *part, limit int64) *apiError {
	return (&apiError{Status: http.StatusBadRequest, Code: "EntityTooSmall", EC: "0042-00000213",
		Message: "Your proposed upload smaller than the minimum allowed size."}).
		with("ETag", p.etag).
		with("MinSizeAllowed", strconv.FormatInt(limit, 10)).
		with("ProposedSize", strconv.FormatInt(p.size, 10)).
		with("PartNumber", strconv.Itoa(p.number))
}

func errInvalidPart(uploadID string, number int, etag string) *apiError {
	return (&apiError{Status: http.StatusBadRequest, Code: "InvalidPart",
		Message: "One or more of the specified parts could not be found or the specified entity tag might not have matched the part's entity tag."}).
		with("ETag", etag).with("UploadId", uploadID).with("PartNumber", strconv.Itoa(number))
}

func errInvalidPartOrder(number int) *apiError {
	return (&apiError{Status: http.StatusBadRequest, Code: "InvalidPartOrder", EC: "0042-00000209",
		Message: "The list of parts was not in ascending order. Parts list must specified in order by part number."}).
		with("PartNumber", strconv.Itoa(number))
}

func errMalformedXML(op Op, detailText string) *apiError {
	e := &apiError{Status: http.StatusBadRequest, Code: "MalformedXML",
		Message: "The XML you provided was not well-formed or did not validate against our published schema."}
	if op == OpComplete {
		e.EC = "0042-00000205"
	}
	if detailText != "" {
		e.with("ErrorDetail", detailText)
	}
	return e
}

func errPartAlreadyExist(op Op, p *part) *apiError {
	ec := "0042-00000108"
	if op == OpUploadPartCopy {
		ec = "0042-00000313"
	}
	return (&apiError{Status: http.StatusConflict, Code: "PartAlreadyExist", EC: ec,
		Message: "For sequential multipart upload, you can't overwrite uploaded parts."}).
		with("PartEtag", quoteETag(p.etag)).with("PartNumber", strconv.Itoa(p.number))
}

func errPartNotSequential(number, want int) *apiError {
	return (&apiError{Status: http.StatusConflict, Code: "PartNotSequential",
		Message: "For sequential multipart upload, the parts must be uploaded in order."}).
		with("PartNumber", strconv.Itoa(number)).with("ExpectedPartNumber", strconv.Itoa(want))
}

func errAccessDenied(message, ec string) *apiError {
	return &apiError{Status: http.StatusForbidden, Code: "AccessDenied", Message: message, EC: ec}
}

func errSkewed(requestTime, serverTime time.Time) *apiError {
	return (&apiError{Status: http.StatusForbidden, Code: "RequestTimeTooSkewed", EC: "0002-00000504",
		Message: "The difference between the request time and the current time is too large."}).
		with("MaxAllowedSkewMilliseconds", strconv.FormatInt(maxSkew.Milliseconds(), 10)).
		with("RequestTime", formatTime(requestTime)).with("ServerTime", formatTime(serverTime))
}

func errInvalidAccessKeyID(id string) *apiError {
	return (&apiError{Status: http.StatusForbidden, Code: "InvalidAccessKeyId", EC: "0002-00000902",
		Message: "The OSS Access Key Id you provided does not exist in our records."}).with("OSSAccessKeyId", id)
}

func errNotDone(message string) *apiError {
	return &apiError{Status: http.StatusNotImplemented, Code: "NotImplemented", Message: message}
}

func errInternal(err error) *apiError {
	return &apiError{Status: http.StatusInternalServerError, Code: "InternalError",
		Message: fmt.Sprintf("The emulator could not do its own work: %v", err)}
}
