# The doors of the project. Everything works with nothing but Go.

.PHONY: check test proof demo bench compare shots fuzz

check: ## what CI runs: format, vet, arrows, all tests under the race detector
	bash .ci/run

test: ## all tests
	go test ./...

proof: ## the slow proofs: 3 GiB, 200 kills, long random walks
	PARTWAY_LONG=1 go test -count=1 -v -timeout 60m -run "Memory|Killed" .

demo: ## the main job, played through on a pretend OSS
	go run . demo

bench: ## put against bare loops and the SDK's Uploader; see docs/PERFORMANCE.md
	go run ./bench/put -scenario all

compare: ## what a resume sends again, ours and the SDK's Uploader, in one run
	go run ./bench/resume

fuzz: ## ten seconds for every fuzz target
	bash .ci/fuzz

shots: ## take the pictures of screenshots/ anew; needs Debian's chromium, tmux and fonts, and npm
	screenshots/shoot
