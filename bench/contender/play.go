package contender

import (
	"context"
	"encoding/json"

	"partway/bench/rig"
)

// play makes a role of a contender whose fields are the JSON argument.
func play[T any](run func(T, context.Context) error) rig.Role {
	return func(ctx context.Context, args []byte) error {
		var contender T
		if err := json.Unmarshal(args, &contender); err != nil {
			return err
		}
		return run(contender, ctx)
	}
}
