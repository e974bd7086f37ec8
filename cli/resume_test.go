package cli

import (
	"testing"

	"partway/model"
	"partway/ossapi/profile"
)

// TestAdoptionIgnoresTheProfilesPartSize: it is meant for new uploads. Taken for the size of parts that are there already, it would
// make their places unknown as soon as one is missing.
func TestAdoptionIgnoresTheProfilesPartSize(t *testing.T) {
	s := &session{profile: profile.Profile{Settings: profile.Settings{PartSize: model.MiB, Parts: 7}}}
	o := &sending{}
	o.forAdoption(s, &resumeFlags{})
	if o.send.PartSize != 0 || o.limits.Parts != 7 {
		t.Errorf("part size %d, %d parts at once", o.send.PartSize, o.limits.Parts)
	}
	o = &sending{send: model.SendOptions{PartSize: 2 * model.MiB}}
	o.forAdoption(s, &resumeFlags{partSize: "2M"})
	if o.send.PartSize != 2*model.MiB {
		t.Errorf("the size that was typed became %d", o.send.PartSize)
	}
}
