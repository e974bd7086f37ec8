package model

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestFormatSize(t *testing.T) {
	for _, test := range []struct {
		bytes       int64
		want, exact string
	}{
		{0, "0 B", "0 B"},
		{1, "1 B", "1 B"},
		{1023, "1023 B", "1023 B"},
		{1024, "1.0 KiB", "1 KiB"},
		{102_400, "100 KiB", "100 KiB"},
		{102_401, "100 KiB", "102401 B"},
		{99*KiB + 972, "99.9 KiB", "102348 B"},
		{99*KiB + 973, "100 KiB", "102349 B"}, // 99.95: one digit would make it 100.0
		{1000 * KiB, "1.0 MiB", "1000 KiB"},   // narrower than "1000 KiB"
		{999 * KiB, "999 KiB", "999 KiB"},
		{32*MiB - 1, "32.0 MiB", "33554431 B"},
		{5 * GiB, "5.0 GiB", "5 GiB"},
		{212 * GiB, "212 GiB", "212 GiB"},
		{MaxObjectSize, "48.8 TiB", "50000 GiB"},
		{math.MaxInt64, "8192 PiB", "9223372036854775807 B"},
		{-1, "-1 B", "-1 B"},
	} {
		if got := FormatSize(test.bytes); got != test.want {
			t.Errorf("FormatSize(%d) = %q, want %q", test.bytes, got, test.want)
		}
		if got := ExactSize(test.bytes); got != test.exact {
			t.Errorf("ExactSize(%d) = %q, want %q", test.bytes, got, test.exact)
		}
	}
	if got, want := FormatRate(31.4*float64(MiB)), "31.4 MiB/s"; got != want {
		t.Errorf("FormatRate gives %q, want %q", got, want)
	}
}

func TestFormatDuration(t *testing.T) {
	for _, test := range []struct {
		d    time.Duration
		want string
	}{
		{0, "0s"}, {999 * time.Millisecond, "0s"}, {8 * time.Second, "8s"}, {time.Minute - 1, "59s"}, {time.Minute, "1m"},
		{16*time.Minute + 59*time.Second, "16m"}, {time.Hour, "1h00"}, {67 * time.Minute, "1h07"}, {24*time.Hour - 1, "23h59"},
		{24 * time.Hour, "1d"}, {214*24*time.Hour + time.Hour, "214d"}, {-1, "?"}, {math.MinInt64, "?"},
	} {
		if got := FormatDuration(test.d); got != test.want {
			t.Errorf("FormatDuration(%d) = %q, want %q", test.d, got, test.want)
		}
	}
}

func TestParseSize(t *testing.T) {
	for _, test := range []struct {
		text string
		want int64 // -1: refused
	}{
		{"0", 0}, {"102400", 102_400}, {"100K", 100 * KiB}, {"100k", 100 * KiB}, {"100KB", 100 * KiB}, {"100KiB", 100 * KiB},
		{"32M", 32 * MiB}, {"32 MiB", 32 * MiB}, {" 32M ", 32 * MiB}, {"1.5G", 3 * GiB / 2}, {".5g", GiB / 2}, {"5GiB", 5 * GiB},
		{"48.8T", 53_656_167_435_469}, {"2P", 2048 * TiB}, {"7B", 7}, {"32Mi", 32 * MiB},
		{"", -1}, {" ", -1}, {"M", -1}, {"B", -1}, {"-1", -1}, {"-1M", -1}, {"1E", -1}, {"1X", -1}, {"1 2", -1}, {"1MM", -1}, {"1KM", -1},
		{"nan", -1}, {"NaNk", -1}, {"inf", -1}, {"+infG", -1}, {"9999P", -1}, {"1e300", -1}, {"1e999", -1}, {"１M", -1}, {"1M\x00", -1}, {"1,5G", -1},
	} {
		got, err := ParseSize(test.text)
		if err != nil {
			got = -1
			if !strings.Contains(err.Error(), strconv.Quote(test.text)) {
				t.Errorf("the error %q does not name %q", err, test.text)
			}
		}
		if got != test.want {
			t.Errorf("ParseSize(%q) = %d, %v; want %d", test.text, got, err, test.want)
		}
	}
}

func TestParseAge(t *testing.T) {
	const day = 24 * time.Hour
	for _, test := range []struct {
		text string
		want time.Duration // -1: refused
	}{
		{"7d", 7 * day}, {"2w", 14 * day}, {"1w2d", 9 * day}, {"1d12h", 36 * time.Hour}, {"36h", 36 * time.Hour}, {"90m", 90 * time.Minute},
		{"1h30m", 90 * time.Minute}, {"0", 0}, {"0d", 0}, {"1.5d", 36 * time.Hour}, {" 7d ", 7 * day}, {"5s", 5 * time.Second}, {"100d", 100 * day},
		{"", -1}, {" ", -1}, {"7", -1}, {"d", -1}, {"w", -1}, {"-7d", -1}, {"-1h", -1}, {"7d-1h", -1}, {"2d1w", -1}, {"7D", -1}, {"1y", -1},
		{"nand", -1}, {"infd", -1}, {"1e9d", -1}, {"99999w", -1}, {"36600d2540000h", -1}, {"2562047h", -1}, {"1d1d", -1}, {"1d 12h", -1},
	} {
		got, err := ParseAge(test.text)
		if err != nil {
			got = -1
			if !strings.Contains(err.Error(), "7d, 36h or 90m") {
				t.Errorf("the error %q shows no way on", err)
			}
		}
		if got != test.want {
			t.Errorf("ParseAge(%q) = %v, %v; want %v", test.text, got, err, test.want)
		}
	}
}

func FuzzParseSize(f *testing.F) {
	for _, text := range []string{"32M", "1.5 GiB", "102400", "inf", "0x1p", "-0", "1_0"} {
		f.Add(text, int64(1<<20))
	}
	f.Fuzz(func(t *testing.T, text string, bytes int64) {
		if n, err := ParseSize(text); err == nil && n < 0 || err != nil && strings.ContainsAny(err.Error(), "\x1b\n\r") {
			t.Errorf("ParseSize(%q) = %d, %v", text, n, err)
		}
		if bytes < 0 || bytes > 1<<53 { // a float64 holds every whole number up to here, far beyond MaxObjectSize
			return
		}
		if n, err := ParseSize(ExactSize(bytes)); err != nil || n != bytes {
			t.Errorf("ExactSize(%d) = %q reads back as %d, %v", bytes, ExactSize(bytes), n, err)
		}
		n, err := ParseSize(FormatSize(bytes))
		if err != nil || math.Abs(float64(n-bytes)) > 0.051*float64(bytes) {
			t.Errorf("FormatSize(%d) = %q reads back as %d, %v", bytes, FormatSize(bytes), n, err)
		}
		if width := len(FormatSize(bytes)); width > len("99.9 KiB") {
			t.Errorf("FormatSize(%d) = %q is wider than its column", bytes, FormatSize(bytes))
		}
	})
}

func FuzzParseAge(f *testing.F) {
	for _, text := range []string{"7d", "1w2d3h4m", "99999w", "1e5w", "1d9223372036s", "-0d"} {
		f.Add(text, uint32(3600))
	}
	f.Fuzz(func(t *testing.T, text string, seconds uint32) {
		if d, err := ParseAge(text); err == nil && d < 0 || err != nil && d != 0 {
			t.Errorf("ParseAge(%q) = %d, %v", text, d, err)
		}
		want := time.Duration(seconds%(100*366*86400)) * time.Second
		if d, err := ParseAge(want.String()); err != nil || d != want {
			t.Errorf("ParseAge(%q) = %v, %v", want, d, err)
		}
	})
}
