# The doors of the project. Everything works with nothing but Go.

.PHONY: check test demo bench compare shots fuzz

check: ## what CI runs: format, vet, arrows, all tests under the race detector
	bash .ci/run

test: ## all tests
	go test ./...

demo: ## the main job, played through on a pretend OSS
	go run . demo

bench: ## put against bare loops and the SDK's Uploader; see docs/PERFORMANCE.md
	go run ./bench/put

compare: ## what a resume sends again, ours and the SDK's Uploader, in one run
	go run ./bench/resume

fuzz: ## ten seconds for every fuzz target
	bash .ci/fuzz
