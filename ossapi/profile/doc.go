// Package profile answers who is asking, and where: it finds credentials, region, endpoint and addressing style in the
// places where they already are on a machine, and turns them into the options of an ossapi client.
//
// The places, highest first. Every value is taken from the first place that has it; an access key is taken whole from
// one place, never an id from here and a secret from there:
//
//	1 flags                       --profile --region --endpoint ...
//	2 environment                 OSS_*, then ALIBABA_CLOUD_*
//	3 config.toml                 our own file, strict and private to its owner
//	4 ~/.ossutilconfig            of ossutil 1 and of ossutil 2
//	5 ~/.aliyun/config.json       of the aliyun command line
//	6 the RAM role of an ECS      from the metadata service
//
// One exception, for the sake of whoever switches profiles: a profile named by a flag beats the environment with all
// that is written in it, since that flag was typed for this run and the environment was not.
//
// It is not a client (package ossapi is), it writes no file, and it does not speak to STS: modes that need AssumeRole
// are answered with an error that names credential_process as the way on.
//
// Nothing outside the process is reached but through Sources, so a test decides what the machine looks like. Programs
// that wire an ossapi client may import it; it imports nothing of the project but ossapi.
//
// Start reading at Resolve in resolve.go; one file for each place follows: environment.go, config.go, ossutil.go
// (over ini.go), aliyun.go, ecs.go. Credentials that change while the program runs are in provider.go.
package profile
