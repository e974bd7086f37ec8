// Partway manages multipart uploads to Alibaba Cloud OSS. Everything it does begins in package cli.
package main

import (
	"os"

	"partway/cli"
)

func main() { os.Exit(cli.Main()) }
