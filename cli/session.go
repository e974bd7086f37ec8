package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"partway/model"
	"partway/model/safe"
	"partway/ossapi"
	"partway/ossapi/profile"
	"partway/state"
	"partway/transfer"
)

// session is who is asking, and where, made ready to work: a profile, the clients it needs, and where a command sends or changes
// something, the journals and the engine.
type session struct {
	app     *app
	profile profile.Profile
	place   model.Place // the bucket the command is about
	client  *ossapi.Client
	store   *state.Store     // nil until openJournals
	engine  *transfer.Engine // nil until startEngine

	// ownProfiles says that --profile names where to begin, as for the screens, and not who goes on with jobs of other profiles.
	ownProfiles bool

	opening sync.Mutex // held while a door is made
	mu      sync.Mutex
	doors   map[model.Place]door
}

// door is the way into one place.
type door struct {
	client      *ossapi.Client
	credentials ossapi.CredentialsProvider
}

// refresher is credentials that can be fetched anew.
type refresher interface{ Refresh(context.Context) error }

// noBucketError is returned where a command needs a bucket and neither the command line nor the profile names one.
type noBucketError struct{ profile string }

func (e *noBucketError) Error() string {
	return "no bucket is named: write oss://bucket, or set bucket in the profile"
}

func (a *app) sources() profile.Sources {
	return profile.Sources{Flags: a.global.profile, Getenv: a.env.Getenv, Home: a.env.Home, Clock: a.env.Now}
}

// connect finds out who is asking and makes a client for the bucket. An empty bucket is the profile's own.
func (a *app) connect(ctx context.Context, bucket string) (*session, error) {
	p, err := profile.Resolve(ctx, a.sources())
	if err != nil {
		return nil, err
	}
	for _, warning := range p.Warnings {
		a.warn("%s", sentence(warning))
	}
	if bucket == "" {
		bucket = p.Settings.Bucket
	}
	s := &session{app: a, profile: p, doors: map[model.Place]door{}}
	if bucket == "" {
		return s, &noBucketError{profile: p.Name}
	}
	s.place = placeOf(p, bucket)
	opened, err := openDoor(p, bucket)
	if err != nil {
		return nil, &failure{code: ExitUsage, err: err, next: []string{"check --endpoint and --region"}}
	}
	s.doors[s.place], s.client = opened, opened.client
	return s, nil
}

// placeOf is where a profile's bucket is, in words that another process can turn into a client again.
func placeOf(p profile.Profile, bucket string) model.Place {
	options := p.ClientOptions(bucket)
	place := model.Place{Profile: p.Name, Endpoint: options.Endpoint, Region: options.Region, Bucket: bucket}
	// These two are no profiles but what package profile calls the places without one.
	if p.Name == "environment" || p.Name == "ecs" {
		place.Profile = ""
	}
	return place
}

func openDoor(p profile.Profile, bucket string) (door, error) {
	options := p.ClientOptions(bucket)
	options.UserAgent = "partway/" + version()
	client, err := ossapi.New(options)
	if err != nil {
		return door{}, err
	}
	return door{client: client, credentials: options.Credentials}, nil
}

// open gives the engine a client for a place. A place of an earlier run is found again through its profile, unless another one was
// typed for this very job; its endpoint and region are the ones that were written down then, so that a job never continues on another
// server.
func (s *session) open(ctx context.Context, place model.Place) (transfer.Store, error) {
	s.opening.Lock() // not mu: to find out who is asking may take a while, and whoever wants to know of a door must not wait for it
	defer s.opening.Unlock()
	s.mu.Lock()
	known, ok := s.doors[place]
	s.mu.Unlock()
	if ok {
		return known.client, nil
	}
	sources := s.app.sources()
	if sources.Flags.Profile == "" || s.ownProfiles && place.Profile != "" {
		sources.Flags.Profile = place.Profile
	}
	sources.Flags.Endpoint = place.Endpoint
	sources.Flags.Region = place.Region
	p, err := profile.Resolve(ctx, sources)
	if err != nil {
		return nil, unreachable(place, err)
	}
	d, err := openDoor(p, place.Bucket)
	if err != nil {
		return nil, unreachable(place, err)
	}
	s.mu.Lock()
	s.doors[place] = d
	s.mu.Unlock()
	return d.client, nil
}

// unreachable is a place of an earlier run that no client can be made for any more.
func unreachable(place model.Place, err error) *model.Problem {
	p := &model.Problem{Class: model.ProblemPlace, What: "open oss://" + place.Bucket, Why: err.Error()}
	if profileCode(err) == ExitIdentity {
		p.Class = model.ProblemCredentials
	}
	if place.Profile != "" {
		p.Next = []string{"the upload was begun with the profile " + place.Profile + ": give another with --profile"}
	}
	return p
}

// refresh has the credentials of a place fetched anew, after the server said that they have expired.
func (s *session) refresh(ctx context.Context, place model.Place) error {
	s.mu.Lock()
	d := s.doors[place]
	s.mu.Unlock()
	if r, ok := d.credentials.(refresher); ok {
		return r.Refresh(ctx)
	}
	return errors.New("these credentials cannot be renewed")
}

// credentialsEnd is when the credentials of a place end for want of new ones; zero where they do not, where nobody knows, and before
// they were needed.
func (s *session) credentialsEnd(place model.Place) time.Time {
	s.mu.Lock()
	d := s.doors[place]
	s.mu.Unlock()
	if e, ok := d.credentials.(interface{ Ends() time.Time }); ok {
		return e.Ends()
	}
	return time.Time{}
}

// stateDir is where the journals are.
func (a *app) stateDir() string {
	if a.global.state != "" {
		return a.absolute(a.global.state)
	}
	return state.DefaultDir(a.env.Getenv, a.env.Home)
}

// openJournals opens the state folder. Without it nothing is sent: what has no journal could not be resumed.
func (s *session) openJournals() error {
	if s.store != nil {
		return nil
	}
	store, err := state.Open(state.Options{Dir: s.app.stateDir(), Host: s.app.env.Host, PID: s.app.env.PID, Clock: s.app.env.Now})
	if err != nil {
		return failf(ExitFailed, "the journals cannot be kept: %w", err).withNext("choose another folder with --state")
	}
	s.store = store
	return nil
}

// savedJobs reads the journals without an engine. A state folder that is not there has none.
func (s *session) savedJobs() ([]model.SavedJob, error) {
	if s.store == nil {
		if _, err := os.Lstat(s.app.stateDir()); errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
	}
	if err := s.openJournals(); err != nil {
		return nil, err
	}
	jobs, damages, err := s.store.Load()
	s.app.tellDamages(damages)
	return jobs, err
}

// startEngine opens the journals and starts the engine on them.
func (s *session) startEngine(limits model.Limits) error {
	if err := s.openJournals(); err != nil {
		return err
	}
	engine, err := transfer.New(transfer.Options{
		Open: s.open, Refresh: s.refresh, Journal: s.store, Limits: limits, Now: s.app.env.Now,
	})
	if err != nil {
		return fmt.Errorf("start the engine: %w", err)
	}
	s.engine = engine
	s.app.thrift()
	s.app.tellDamages(engine.Snapshot().Damages)
	return nil
}

// thrift has garbage collected at half the usual growth: an upload runs for hours beside what the machine is there for, and waits
// for the network meanwhile. Whoever sets GOGC decides otherwise.
func (a *app) thrift() {
	if a.env.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
}

func (a *app) tellDamages(damages []model.Damage) {
	for _, d := range damages {
		a.warn("%s", sentence(d.Text))
	}
}

// close ends everything that was started; what moves is cut.
func (s *session) close() error {
	var failed error
	if s.engine != nil {
		failed = s.engine.Close()
	}
	if s.store != nil {
		failed = errors.Join(failed, s.store.Close())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.doors {
		d.client.Close()
	}
	return failed
}

// again is the command line that goes on in another process: the words, behind the flags that say who and where.
func (a *app) again(words ...string) string {
	line := append([]string{"partway"}, words...)
	add := func(flag, value string) {
		if value != "" {
			line = append(line, flag, value)
		}
	}
	p := a.global.profile
	add("--profile", p.Profile)
	add("--endpoint", p.Endpoint)
	add("--region", p.Region)
	add("--config", p.Config)
	add("--style", p.Style)
	add("--state", a.global.state)
	if p.AllowHTTP {
		line = append(line, "--allow-http")
	}
	for i, word := range line {
		line[i] = safe.Quote(word)
	}
	return strings.Join(line, " ")
}
