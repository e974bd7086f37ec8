package ossapi

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxEntries bounds what a page may list. OSS gives at most 1000; without a
// bound an answer within the size limit could still fill memory with a million
// empty elements.
const maxEntries = 10000

// xmlAnswer decodes an answer of success into v, whose root element is root.
// Anything else than one such document is a KindOddAnswer: some servers and
// proxies report an error with status 200.
func (c *Client) xmlAnswer(k call, got answer, root string, v any) error {
	doc, err := decodeXML(got.body, root, v)
	if err == nil {
		return nil
	}
	return c.callError(context.Background(), k, &oddAnswerError{status: got.status, header: got.header, document: doc, reason: err.Error()})
}

// decodeXML decodes a document that must have the given root. When it is an
// error document instead, that is returned along with the error.
func decodeXML(body []byte, root string, v any) (*errorDocument, error) {
	decoder := xml.NewDecoder(bytes.NewReader(body))
	start, err := rootElement(decoder)
	switch {
	case err == io.EOF:
		return nil, errors.New("the answer is empty")
	case err != nil:
		return nil, fmt.Errorf("the answer is not XML: %w", err)
	case start.Name.Local == "Error":
		var doc errorDocument
		if err := decoder.DecodeElement(&doc, &start); err != nil {
			return nil, fmt.Errorf("the answer is an error document that cannot be read: %w", err)
		}
		return &doc, errors.New("the answer says success but is an error document")
	case start.Name.Local != root:
		return nil, fmt.Errorf("the answer is a %s document, not a %s", cut(start.Name.Local, maxCode), root)
	}
	if err := decoder.DecodeElement(v, &start); err != nil {
		return nil, fmt.Errorf("the answer cannot be read: %w", err)
	}
	if _, err := rootElement(decoder); err != io.EOF {
		return nil, errors.New("the answer goes on after its document")
	}
	return nil, nil
}

// rootElement gives the first element; io.EOF when there is none.
func rootElement(d *xml.Decoder) (xml.StartElement, error) {
	for {
		token, err := d.Token()
		if err != nil {
			return xml.StartElement{}, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			return t, nil
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return xml.StartElement{}, errors.New("text outside of the document")
			}
		}
	}
}

// entries is a list of elements that refuses to grow beyond maxEntries.
type entries[T any] []T

// UnmarshalXML implements xml.Unmarshaler; it is called once per element.
func (l *entries[T]) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	if len(*l) >= maxEntries {
		return fmt.Errorf("more than %d %s elements", maxEntries, cut(start.Name.Local, maxCode))
	}
	var one T
	if err := d.DecodeElement(&one, &start); err != nil {
		return err
	}
	*l = append(*l, one)
	return nil
}

// decodeName undoes the answer's encoding of keys and prefixes. With
// encoding-type=url a space comes as "+" and a plus as "%2B". A server that
// ignores the request for it sends no EncodingType and the names plain.
func decodeName(name, encoding string) (string, error) {
	if !strings.EqualFold(encoding, "url") {
		return name, nil
	}
	plain, err := url.QueryUnescape(name)
	if err != nil {
		return "", fmt.Errorf("a name in the answer is not URL-encoded: %q", cut(name, maxCode))
	}
	return plain, nil
}

// unquote takes the quotes off an ETag.
func unquote(etag string) string { return strings.Trim(strings.TrimSpace(etag), `"`) }

// parseCRC64 parses a CRC-64 as OSS writes it, unsigned decimal. has is false
// when there is none, as from servers that are only like OSS. One that cannot
// be parsed is an error: taking it for none would skip a check.
func parseCRC64(text string) (crc uint64, has bool, err error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, false, nil
	}
	crc, err = strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, false, fmt.Errorf("the CRC-64 in the answer is not a number: %q", cut(text, maxCode))
	}
	return crc, true, nil
}

// parseTime parses a time in a list; zero when it is none, since no decision
// may rest on it.
func parseTime(text string) time.Time {
	t, err := time.Parse(time.RFC3339, strings.TrimSpace(text))
	if err != nil {
		return time.Time{}
	}
	return t
}
