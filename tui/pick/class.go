package pick

import "partway/model"

// Class is what stands in the way of a file, so that one question serves all files it holds for.
type Class uint8

// The classes.
const (
	ClassNone    Class = iota // nothing
	ClassRefused              // a link, a device, not readable
	ClassKey                  // OSS would refuse the key
	ClassSize                 // no legal plan for its size
	ClassTwin                 // another marked file has the same key
	ClassOurs                 // this file is on its way to this key already
	ClassTaken                // another file is on its way to this key
	ClassForeign              // an unfinished upload of the key that no job is known for
	ClassExists               // an object of the key exists
	ClassGrowing              // changed a moment ago
	classes
)

// Classes lists the classes that stand in the way, in the order they are shown.
func Classes() []Class {
	return []Class{ClassRefused, ClassKey, ClassSize, ClassTwin, ClassOurs, ClassTaken, ClassForeign, ClassExists, ClassGrowing}
}

func (c Class) String() string {
	return [...]string{"", "cannot be sent", "key not allowed", "size not possible", "same key as another marked file", "in the queue already",
		"key in the queue from another file", "unfinished upload of the key, not from here", "an object of the key exists", "changed in the last 10 s, may be growing"}[c]
}

// Way is what is done with the files of a class.
type Way uint8

// The ways.
const (
	LeaveOut  Way = iota
	Send          // as if nothing stood in the way
	Resume        // go on with the job
	Adopt         // take the unfinished upload over; parts are compared first
	Overwrite     // replace the object
)

func (w Way) String() string {
	return [...]string{"leave out", "send anyway", "resume it", "adopt: compare, send what is missing", "overwrite"}[w]
}

// Ways lists what can be done with a class, the proposed one first. A class of one way is not asked about.
func Ways(c Class) []Way {
	switch c {
	case ClassOurs:
		return []Way{Resume, LeaveOut}
	case ClassForeign:
		return []Way{Adopt, LeaveOut, Send}
	case ClassExists:
		return []Way{LeaveOut, Overwrite}
	case ClassGrowing:
		return []Way{LeaveOut, Send}
	}
	return []Way{LeaveOut}
}

// Rules is the way chosen for every class.
type Rules [classes]Way

// Proposed are the rules to begin with. An unfinished upload that somebody may still be sending to is left alone.
func (p *Plan) Proposed(w World) Rules {
	var r Rules
	for _, c := range Classes() {
		r[c] = Ways(c)[0]
	}
	for _, i := range p.Group(ClassForeign) {
		if p.Items[i].alive(w) {
			r[ClassForeign] = LeaveOut
		}
	}
	return r
}

// Asks lists the classes that files of the plan are in and that have to be decided or told before anything is queued.
func (p *Plan) Asks() (asks []Class) {
	for _, c := range Classes() {
		if len(p.groups[c]) > 0 {
			asks = append(asks, c)
		}
	}
	return asks
}

// enqueueBatch is how many files one command brings: all of a command are looked at before any is added.
const enqueueBatch = 1000

// Commands is what the rules make of the plan, and how many files they act on. Overwriting is asked for file by file, never for
// those of which nothing was known.
func (p *Plan) Commands(r Rules, o Options, place model.Place) (commands []model.Command, files int) {
	if o.Limit != nil {
		commands = append(commands, model.SetLimits{BytesPerSecond: o.Limit})
	}
	var resumed []model.JobID
	var batch []model.EnqueueFile
	flush := func() {
		if len(batch) > 0 {
			commands = append(commands, model.Enqueue{Files: batch})
			batch = nil
		}
	}
	for i := range p.Items {
		it := &p.Items[i]
		way := r[it.Class]
		if it.Class == ClassNone {
			way = Send
		}
		write := o.Write
		switch way {
		case LeaveOut:
			continue
		case Resume:
			if it.Idle {
				resumed = append(resumed, it.Job)
				files++
			}
			continue
		case Adopt:
			if it.Why != "" { // it cannot be the same file
				continue
			}
			commands = append(commands, model.Adopt{Place: place, Ref: it.Left.Ref, Path: it.Path, Send: model.SendOptions{Parts: o.Send.Parts, NoMD5: o.Send.NoMD5},
				ACL: o.Write.ACL, IfExists: o.Write.IfExists})
			files++
			continue
		case Overwrite:
			write.IfExists = model.IfExistsOverwrite
		}
		files++
		if batch = append(batch, model.EnqueueFile{Path: it.Path, Place: place, Key: it.Key, Write: write, Send: o.Send}); len(batch) == enqueueBatch {
			flush()
		}
	}
	flush()
	if len(resumed) > 0 {
		commands = append(commands, model.Go{Jobs: resumed})
	}
	return commands, files
}
