package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// DefaultDir is where the state of a user lies unless told otherwise: $PARTWAY_STATE, else $XDG_STATE_HOME/partway, else
// ~/.local/state/partway below home. A relative $XDG_STATE_HOME is passed over, as the XDG specification demands.
func DefaultDir(getenv func(string) string, home string) string {
	if dir := getenv("PARTWAY_STATE"); dir != "" {
		return dir
	}
	if base := getenv("XDG_STATE_HOME"); filepath.IsAbs(base) {
		return filepath.Join(base, "partway")
	}
	return filepath.Join(home, ".local", "state", "partway")
}

// makePrivate makes a directory that is ours alone, or checks that it is one. Whoever can write to it could plant a journal and
// have a file of theirs sent under our key.
func makePrivate(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make the state folder: %w", err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("look at the state folder: %w", err)
	}
	switch owner, self, known := fileOwner(info); {
	case info.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("the state folder %s is a symlink, which somebody could point elsewhere: name the folder that it points to", dir)
	case !info.IsDir():
		return fmt.Errorf("the state folder %s is not a folder: move it away, or name another one", dir)
	case known && owner != self:
		return fmt.Errorf("the state folder %s belongs to user %d and you are user %d: name a folder of your own", dir, owner, self)
	case canLock && info.Mode().Perm()&0o022 != 0: // where flock is, mode bits mean something
		return fmt.Errorf("the state folder %s can be written to by others (mode %04o): run chmod 700 %q", dir, info.Mode().Perm(), dir)
	}
	return nil
}
