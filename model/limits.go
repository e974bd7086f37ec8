package model

// The limits of OSS multipart uploads, as the service documents them.
const (
	// KiB, MiB, GiB and TiB are the binary units that every size in the program is given in.
	KiB int64 = 1 << 10
	MiB int64 = 1 << 20
	GiB int64 = 1 << 30
	TiB int64 = 1 << 40

	// MinPartSize is the smallest legal size in bytes of every part but the last (100 KiB). The service checks it at Complete
	// only, when it is too late to mend; so the plan refuses it before anything is sent.
	MinPartSize = 100 * KiB
	// MaxPartSize is the largest legal part, 5 GiB.
	MaxPartSize = 5 * GiB
	// MaxPartNumber is the largest legal part number and so the largest number of parts; the smallest number is 1.
	MaxPartNumber = 10_000
	// MaxObjectSize is the largest object that parts can make: 10 000 parts of 5 GiB, which the service calls 48.8 TB.
	MaxObjectSize = MaxPartNumber * MaxPartSize
	// MaxKeyBytes is the longest legal key in bytes of UTF-8.
	MaxKeyBytes = 1023

	// DefaultPartSize is the part size of a plan that was not told one: large enough that a request costs little beside its
	// bytes, small enough that a lost part is cheap to send again.
	DefaultPartSize = 16 * MiB
)
