//go:build race

package state

// thorough is off where every instruction costs ten: the loops over each byte of a journal have but one goroutine.
const thorough = false
