package cli

import (
	"context"
	"errors"

	"partway/model"
	"partway/ossapi"
	"partway/ossapi/profile"
	"partway/tui"
)

// places is where the switcher of the screens can go, and how. It implements tui.Places and is safe for concurrent use.
type places struct {
	session  *session
	readOnly bool // by flag: everywhere
}

// mostBuckets is how many buckets of an account are listed: more than anybody chooses from by hand.
const mostBuckets = 2000

// Known lists the bucket of the session, the profiles of the machine and the buckets of the queue.
func (p *places) Known(ctx context.Context) ([]tui.PlaceInfo, error) {
	s := p.session
	var known []tui.PlaceInfo
	if s.place.Bucket != "" {
		known = append(known, tui.PlaceInfo{Place: s.place, Protect: s.profile.Settings.Protect, ReadOnly: p.readOnly || s.profile.Settings.ReadOnly})
	}
	summaries, err := profile.List(s.app.sources())
	for _, summary := range summaries {
		// A profile may be in several files: the first that names a bucket stands for it.
		known = append(known, tui.PlaceInfo{
			Place:   model.Place{Profile: summary.Name, Region: summary.Region, Endpoint: p.endpoint(ctx, summary), Bucket: summary.Bucket},
			Protect: summary.Protect, ReadOnly: p.readOnly || summary.ReadOnly, Problem: summary.Problem,
		})
	}
	if s.engine != nil {
		for _, j := range s.engine.Snapshot().Jobs {
			known = append(known, tui.PlaceInfo{Place: j.Place, ReadOnly: p.readOnly})
		}
	}
	return known, err
}

// endpoint is where a profile's bucket is, in the words of a place, so that the same bucket is not listed twice.
func (p *places) endpoint(ctx context.Context, summary profile.Summary) string {
	if summary.Bucket == "" {
		return ""
	}
	resolved, err := p.resolve(ctx, summary.Name, "", "")
	if err != nil {
		return summary.Endpoint
	}
	return placeOf(resolved, summary.Bucket).Endpoint
}

// resolve finds out who a profile is. Flags that say where were typed for the profile of the session; another one has its own.
func (p *places) resolve(ctx context.Context, name, region, endpoint string) (profile.Profile, error) {
	sources := p.session.app.sources()
	if name != p.session.profileName() {
		sources.Flags = profile.Flags{Profile: name, Config: sources.Flags.Config, AllowHTTP: sources.Flags.AllowHTTP}
	}
	if region != "" {
		sources.Flags.Region, sources.Flags.Endpoint = region, endpoint
	}
	return profile.Resolve(ctx, sources)
}

// profileName is the session's profile as places call it: empty for what the environment gives.
func (s *session) profileName() string { return placeOf(s.profile, "").Profile }

// Buckets asks the service for the buckets of a profile. Those of another region are reached through the region's own endpoint.
func (p *places) Buckets(ctx context.Context, name string) ([]tui.PlaceInfo, error) {
	resolved, err := p.resolve(ctx, name, "", "")
	if err != nil {
		return nil, err
	}
	d, err := openDoor(resolved, "")
	if err != nil {
		return nil, err
	}
	defer d.client.Close()
	var found []tui.PlaceInfo
	for page, err := range d.client.ListBuckets(ctx, ossapi.ListBucketsRequest{PageSize: 1000}) {
		if err != nil {
			return found, bucketsRefused(err)
		}
		for _, b := range page {
			found = append(found, p.bucket(resolved, b))
		}
		if len(found) >= mostBuckets {
			break
		}
	}
	return found, nil
}

func (p *places) bucket(resolved profile.Profile, b ossapi.Bucket) tui.PlaceInfo {
	place := placeOf(resolved, b.Name)
	if b.Region != "" && resolved.Region != "" && b.Region != resolved.Region {
		place.Region, place.Endpoint = b.Region, b.Endpoint
		if resolved.Internal {
			place.Endpoint = b.InternalEndpoint
		}
	}
	return tui.PlaceInfo{Place: place, Protect: resolved.Settings.Protect, ReadOnly: p.readOnly || resolved.Settings.ReadOnly}
}

// bucketsRefused says what a refusal means for somebody who only wants to go on.
func bucketsRefused(err error) error {
	if ossapi.KindOf(err) == ossapi.KindDenied {
		return errors.New("this key may not list buckets (oss:ListBuckets): type oss://bucket instead")
	}
	return err
}

// Open makes a client for a place, which the engine then finds.
func (p *places) Open(ctx context.Context, to tui.PlaceInfo) (tui.PlaceInfo, error) {
	s := p.session
	region, endpoint := "", ""
	if to.Place.Region != "" && to.Place.Region != s.profile.Region {
		region, endpoint = to.Place.Region, to.Place.Endpoint
	}
	resolved, err := p.resolve(ctx, to.Place.Profile, region, endpoint)
	if err != nil {
		return to, err
	}
	to.Place = placeOf(resolved, to.Place.Bucket)
	to.Protect = to.Protect || resolved.Settings.Protect
	to.ReadOnly = p.readOnly || resolved.Settings.ReadOnly
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, open := s.doors[to.Place]; open {
		return to, nil
	}
	d, err := openDoor(resolved, to.Place.Bucket)
	if err != nil {
		return to, err
	}
	s.doors[to.Place] = d
	return to, nil
}
