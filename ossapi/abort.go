package ossapi

import (
	"context"
	"net/http"
)

// Abort removes an upload and the parts it holds. Parts being sent meanwhile
// may survive it: end those calls first, then abort until ListParts says
// KindGone. KindGone here: the upload was completed or aborted before.
func (c *Client) Abort(ctx context.Context, u Upload) error {
	k := call{
		op: "abort upload", name: opAbort, method: http.MethodDelete,
		bucket: u.Bucket, key: u.Key, uploadID: u.UploadID,
		params: map[string]string{"uploadId": u.UploadID},
	}
	if err := checkUpload(u); err != nil {
		return c.localError(k, KindRequest, err)
	}
	got, err := c.do(ctx, k)
	if err != nil {
		return err
	}
	if got.status != http.StatusNoContent {
		return c.oddError(k, got, "the answer is not the one to an abort")
	}
	return nil
}
