package state

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"partway/model"
)

func TestNetworkName(t *testing.T) {
	for magic, want := range map[int64]string{0x6969: "NFS", 0xff534d42: "SMB", int64(int32(-0x00acb2be)): "SMB", 0xef53: "", 0: ""} {
		same(t, fmt.Sprintf("%x", magic), networkName(magic), want)
	}
	if w := (&Store{warnings: []string{"w"}}).Warnings(); len(w) != 1 {
		t.Error(w)
	}
}

// Nobody is waited for who might open the other end.
func TestFIFOInPlaceOfJournal(t *testing.T) {
	s := open(t, t.TempDir())
	must(t, unix.Mkfifo(s.path("fifo"), 0o600))
	_, damages := load(t, s)
	if len(damages) != 1 || !strings.Contains(damages[0].Text, "a special file") {
		t.Error(damages)
	}
	if _, err := s.Claim("fifo"); err == nil {
		t.Error("claimed")
	}
	same(t, "files", files(t, s), "fifo.jsonl")
}

func TestFullDisk(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("a tmpfs of 64 KiB can be mounted by root only")
	}
	mount := t.TempDir()
	if err := unix.Mount("tmpfs", mount, "tmpfs", 0, "size=64k,mode=0700"); err != nil {
		t.Skipf("a tmpfs cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { must(t, unix.Unmount(mount, unix.MNT_DETACH)) })
	s := open(t, mount)
	records := []model.Record{intent("key"), initiated("id")}
	for _, r := range records {
		must(t, s.Append("job", r))
	}
	var failure error
	for n := 1; n <= 400 || failure == nil; n++ {
		records = append(records, part(n))
		if err := s.Append("job", part(n)); err != nil {
			failure = err
		}
	}
	if !errors.Is(failure, syscall.ENOSPC) || !errors.Is(s.Saving(), syscall.ENOSPC) {
		t.Fatal(failure, s.Saving())
	}
	other := open(t, mount)
	jobs, damages := load(t, other)
	if len(jobs["job"].Parts) < 100 || len(damages) != 0 {
		t.Fatal(len(jobs["job"].Parts), damages)
	}
	must(t, unix.Mount("tmpfs", mount, "tmpfs", unix.MS_REMOUNT, "size=1m"))
	must(t, s.Close())
	jobs, damages = load(t, other)
	same(t, "job", jobs["job"], replay(t, "job", records...))
	same(t, "damages", len(damages), 0)
}
