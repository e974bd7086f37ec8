package conform

import (
	"errors"
	"strings"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
)

// serviceError returns the server's error in err, or one with empty fields.
func serviceError(err error) *oss.ServiceError {
	var se *oss.ServiceError
	if errors.As(err, &se) {
		return se
	}
	return &oss.ServiceError{}
}

// wantError fails unless err is the server's answer of this HTTP status and
// code. It returns the error for further checks, never nil.
func (s *trial) wantError(err error, status int, code string) *oss.ServiceError {
	s.Helper()
	if err == nil {
		s.Fatalf("the server accepted it, want %d %s", status, code)
	}
	se := serviceError(err)
	if se.StatusCode != status || se.Code != code {
		s.Fatalf("got %d %q, want %d %s (%s)", se.StatusCode, se.Code, status, code, brief(err))
	}
	return se
}

// wantCode is wantError for errors whose HTTP status is not documented.
func (s *trial) wantCode(err error, code string) *oss.ServiceError {
	s.Helper()
	if err == nil {
		s.Fatalf("the server accepted it, want %s", code)
	}
	se := serviceError(err)
	if se.Code != code || se.StatusCode/100 != 4 {
		s.Fatalf("got %d %q, want 4xx %s (%s)", se.StatusCode, se.Code, code, brief(err))
	}
	return se
}

// wantParts fails unless the listed parts have exactly these numbers, in order.
func (s *trial) wantParts(parts []oss.Part, numbers ...int32) {
	s.Helper()
	same := len(parts) == len(numbers)
	for i := 0; same && i < len(parts); i++ {
		same = parts[i].PartNumber == numbers[i]
	}
	if !same {
		got := make([]int32, len(parts))
		for i, p := range parts {
			got[i] = p.PartNumber
		}
		s.Fatalf("listed part numbers %v, want %v", got, numbers)
	}
}

// sameETag compares ETags without regard to quotes and case: that they are
// quoted and in upper case is a rule of its own.
func sameETag(a, b string) bool {
	return strings.EqualFold(strings.Trim(a, `"`), strings.Trim(b, `"`))
}
