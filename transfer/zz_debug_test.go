package transfer_test

import (
	"testing"
	"testing/synctest"
)

func TestZZ(t *testing.T) {
	for seed := range 300 {
		ok := true
		synctest.Test(t, func(t *testing.T) { randomSequence(t, uint64(seed)); ok = !t.Failed() })
		if !ok {
			t.Fatal(seed)
		}
	}
}
