// Package contender holds what partway is compared with: a loop on bare net/http, which shows what sending alone costs, and the
// official SDK, used as its documentation says. Each is a role of the benchmark program (see package rig), so that it runs in a
// process of its own.
//
// It is for the programs below bench/ only. Nothing here retries, resumes or proves more than it says: that is the point.
package contender

import "partway/bench/rig"

// The names of the roles.
const (
	RoleBare      = "bare"
	RoleUploader  = "uploader"
	RolePutFolder = "put-folder"
	RoleListings  = "listings"
	RoleSums      = "sums"
)

// Roles are all contenders by name.
func Roles() map[string]rig.Role {
	return map[string]rig.Role{
		RoleBare:      play(Bare.Run),
		RoleUploader:  play(Uploader.Run),
		RolePutFolder: play(PutFolder.Run),
		RoleListings:  play(Listings.Run),
		RoleSums:      play(Sums.Run),
	}
}
