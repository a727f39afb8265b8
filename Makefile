# Qingfeng 清风. Each target installs what it needs (Debian, root or sudo) and can be run again at any time.
#   make         build build/qingfeng
#   make demo    the same, make the demonstration city, serve it on http://127.0.0.1:8420, live
#   make check   build and run every test, linter and fuzz target
#   make soak    inject every fault many times (hours; docs/internals/faults.md)
#   make tsan    look for races: tests with threads and the whole server under ThreadSanitizer (ten minutes)
#   make bench   measure against peers (see docs/performance.md)
.PHONY: all demo check soak tsan bench format clean deps
all: deps
	@cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo >.deps/cmake.log 2>&1 || { cat .deps/cmake.log; exit 3; }
	@cmake --build build
	@tools/build-web
deps:
	@tools/deps
demo: all
	@build/qingfeng demo
check:
	@tools/deps --check
	@tools/check
soak: all
	@tools/deps --check
	@QF_SOAK=1 test/fault/run
	@cmake -S . -B build-check -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DQF_TESTS=ON >.deps/cmake.log && cmake --build build-check --target city_simulation_test
	@TMPDIR=/dev/shm QF_SIM_SEEDS=300 QF_SIM_FIRST=$$(date +%s) build-check/city_simulation_test
	@test/fault/mutants.py
tsan: all
	@tools/deps --check
	@tools/tsan
bench: all
	@bench/run
format:
	clang-format -i $$(git ls-files '*.c' '*.h')
clean:
	rm -rf build build-* web/dist
