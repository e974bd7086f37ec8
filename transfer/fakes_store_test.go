package transfer_test

import (
	"context"

	"partway/ossapi"
	"partway/transfer"
)

// slowInitiate holds the answer to the first Initiate back until the call is given up.
type slowInitiate struct {
	transfer.Store
	begun chan struct{}
	first chan struct{}
}

func (s slowInitiate) Initiate(ctx context.Context, r ossapi.InitiateRequest) (string, error) {
	id, err := s.Store.Initiate(ctx, r)
	select {
	case <-s.first:
	default:
		return id, err
	}
	s.begun <- struct{}{}
	<-ctx.Done()
	return "", &ossapi.Error{Op: "initiate upload", Kind: ossapi.KindCanceled, Err: ctx.Err()}
}

func afterInitiate(begun chan struct{}) func(transfer.Store) transfer.Store {
	first := make(chan struct{}, 1)
	first <- struct{}{}
	return func(s transfer.Store) transfer.Store { return slowInitiate{s, begun, first} }
}
