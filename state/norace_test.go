//go:build !race

package state

const thorough = true
