package cli

import (
	"context"
	"errors"
	"fmt"

	"partway/model"
	"partway/transfer"
)

// searchFile finds the local file of an upload in the folders that were named, and says what it found.
func (s *session) searchFile(ctx context.Context, found resolved, dirs []string, options *sending) (string, error) {
	url := found.ref.URL()
	if len(found.list.Parts) == 0 {
		return "", failf(ExitNothing, "%s holds no part that a file could be known by", url).
			withNext(s.app.again("put", "FILE", url) + " sends the file as a new upload")
	}
	search := fileSearch{key: found.ref.Key, parts: found.list.Parts, partSize: options.send.PartSize,
		leave: func(err error) { s.app.warn("%s", sentence(err.Error())) }}
	for _, dir := range dirs {
		search.roots = append(search.roots, s.app.absolute(dir))
	}
	err := search.run(ctx)
	switch {
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case errors.Is(err, transfer.ErrNoSum):
		return "", failf(ExitConflict, "%s: %w", url, err).withNext("name the file with --file")
	case err != nil:
		return "", &failure{code: ExitUsage, err: err}
	}
	if search.now.unread > 0 && search.now.read > len(search.named) {
		s.app.warn("only the first %d files were compared: name a smaller folder", maxCandidates)
	}
	return s.oneOf(found, search.now)
}

// oneOf is the one file that was proved; several are listed, since only a person knows which is meant.
func (s *session) oneOf(found resolved, now searched) (string, error) {
	url := found.ref.URL()
	switch len(now.proved) {
	case 0:
		return "", failf(ExitNothing, "no file begins like %s: %s looked at, %d of them could hold its %s, and none has its bytes",
			url, count(now.looked, "file"), now.large, count(len(found.list.Parts), "part"))
	case 1:
		c := now.proved[0]
		s.app.say("found    %s  %s, its bytes equal a part", clean(c.path), model.FormatSize(c.info.Size()))
		return c.path, nil
	}
	f := failf(ExitConflict, "%d files have the bytes of a part of %s: choose one", len(now.proved), url)
	for i, c := range now.proved {
		if i == longLists {
			f.withNext(fmt.Sprintf("and %d more", len(now.proved)-i))
			break
		}
		f.withNext(s.app.again("resume", url, "--upload-id", found.ref.UploadID, "--file", c.path) + "  (" + model.FormatSize(c.info.Size()) + ")")
	}
	return "", f
}
