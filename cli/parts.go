package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"partway/model"
)

const partsLong = `List the parts that the service holds of one unfinished upload, and the part numbers that are missing among them.

Whether parts are missing behind the last one only the owner of the file knows: the service does not know how many there
will be.`

const partsExample = `  partway parts oss://my-bucket/backup.tar
  partway parts oss://my-bucket/backup.tar --upload-id 0004B9895DBBB6EC98E36
  partway parts oss://my-bucket/backup.tar --gaps`

func (a *app) partsCommand() *cobra.Command {
	var uploadID string
	var gapsOnly bool
	cmd := &cobra.Command{
		Use:     "parts oss://BUCKET/KEY",
		Short:   "List the parts of an unfinished upload",
		Long:    partsLong,
		Example: partsExample,
		Args:    needArgs(1, 1, "one target, as in parts oss://bucket/key"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.parts(cmd.Context(), args[0], uploadID, gapsOnly)
		},
	}
	cmd.Flags().StringVar(&uploadID, "upload-id", "", "`id` of the upload, where the key has several")
	cmd.Flags().BoolVar(&gapsOnly, "gaps", false, "list the missing part numbers instead")
	return cmd
}

func (a *app) parts(ctx context.Context, arg, uploadID string, gapsOnly bool) error {
	t, err := parseTarget(arg, uploadID)
	if err != nil {
		return err
	}
	s, err := a.connect(ctx, t.bucket)
	if err != nil {
		return err
	}
	defer s.close()
	r, err := s.resolve(ctx, t)
	if err != nil {
		return err
	}
	if gapsOnly {
		err = a.writeGaps(r.list)
	} else {
		err = a.writeParts(r.list)
	}
	if err != nil {
		return err
	}
	a.say("partway: %s", describeParts(r.list))
	return nil
}

func (a *app) writeParts(list model.PartList) error {
	t := newTable(a.out, "PART", "SIZE", "ETAG", "CRC64", "ARRIVED")
	for _, p := range list.Parts {
		if a.events != nil {
			err := a.events.write(storedPartEvent{header: a.events.header("stored_part"), Ref: list.Ref, Number: p.Number, Size: p.Size, ETag: p.ETag,
				CRC64: crcText(p.CRC64, p.HasCRC64), Modified: p.Modified.UTC()})
			if err != nil {
				return err
			}
			continue
		}
		sum := "-"
		if p.HasCRC64 {
			sum = fmt.Sprint(p.CRC64)
		}
		t.add(fmt.Sprint(p.Number), model.ExactSize(p.Size), clean(p.ETag), sum, stamp(p.Modified))
	}
	return t.flush()
}

func (a *app) writeGaps(list model.PartList) error {
	for _, gap := range list.Gaps() {
		if a.events != nil {
			if err := a.events.write(gapEvent{header: a.events.header("gap"), Ref: list.Ref, Gap: gap}); err != nil {
				return err
			}
			continue
		}
		if _, err := fmt.Fprintln(a.out, model.Gaps{gap}); err != nil {
			return err
		}
	}
	return nil
}

// describeParts is "812 parts, 12.7 GiB, the newest arrived 2026-11-20 08:11; missing below 1016: 17, 204-205".
func describeParts(list model.PartList) string {
	if len(list.Parts) == 0 {
		return "no part: nothing is stored, but the upload keeps the bucket from being deleted"
	}
	facts := []string{count(len(list.Parts), "part"), model.FormatSize(list.Bytes()), "the newest arrived " + stamp(list.Newest())}
	text := strings.Join(facts, ", ")
	if gaps := list.Gaps(); len(gaps) > 0 {
		text += fmt.Sprintf("; missing below %d: %s", list.Parts[len(list.Parts)-1].Number, gaps)
	}
	if small := list.Small(); len(small) > 0 {
		text += fmt.Sprintf("; %s too small to be completed (the first is %d)", count(len(small), "part"), small[0])
	}
	return text
}
