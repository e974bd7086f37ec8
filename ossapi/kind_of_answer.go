package ossapi

import (
	"net/http"
	"strings"
)

// kindOfAnswer classifies a refusal: by OSS's error code, where it has one that
// decides, else by the HTTP status. Codes of S3-like servers are in the list
// where they differ.
func kindOfAnswer(status int, code, operation string) Kind {
	switch code {
	case "InvalidDigest", "BadDigest":
		return KindDamaged
	case "RequestTimeTooSkewed":
		return KindClock
	case "InvalidAccessKeyId", "SignatureDoesNotMatch", "SecurityTokenExpired", "InvalidSecurityToken",
		"UserDisable", "InvalidToken", "ExpiredToken":
		return KindCredentials
	case "AccessDenied", "PublicEndpointForbidden":
		return KindDenied
	case "NoSuchUpload":
		return KindGone
	case "NoSuchBucket", "NoSuchKey":
		return KindNotFound
	case "FileAlreadyExists", "ObjectAlreadyExists", "PartAlreadyExist", "PartNotSequential":
		return KindConflict
	case "InvalidPart", "InvalidPartOrder", "EntityTooSmall",
		// Older names that are still in OSS's lists; the spelling is theirs.
		"FilePartNotExist", "FilePartInterity", "FilePartStale":
		return KindPartList
	case "RequestTimeout", "IncompleteBody", "OperationAborted":
		return KindTemporary
	case "CallbackFailed":
		return KindOddAnswer
	case "SlowDown", "TooManyRequests":
		return KindThrottled
	}
	// QpsLimitExceeded, UploadTrafficRateLimitExceeded, TotalQpsLimitExceeded, ...
	if strings.HasSuffix(code, "LimitExceeded") && (strings.Contains(code, "Rate") || strings.Contains(code, "Qps")) {
		return KindThrottled
	}
	switch status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return KindThrottled
	case http.StatusRequestTimeout:
		return KindTemporary
	case http.StatusUnauthorized:
		return KindCredentials
	case http.StatusForbidden:
		return KindDenied
	case http.StatusNotFound:
		// Without a code, as a HEAD may come, only the call can tell.
		if operation == opUploadPart || operation == opListParts || operation == opComplete || operation == opAbort {
			return KindRequest
		}
		return KindNotFound
	case http.StatusConflict, http.StatusPreconditionFailed:
		return KindConflict
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return KindRequest
	}
	if status >= 500 {
		return KindTemporary
	}
	return KindRequest
}
