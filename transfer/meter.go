package transfer

import (
	"math"
	"time"
)

// meter turns a growing count of bytes into rates. It is sampled by one goroutine, a few times a second, and needs no clock of
// its own.
type meter struct {
	began    time.Time
	first    int64
	last     time.Time
	lastSum  int64
	mean     float64 // weighted over the last meterWindow
	best     float64
	second   time.Time // start of the second being summed up
	secondAt int64
	history  []float32
}

// meterWindow is the weight of the mean rate that an ETA is made from: long enough not to jump with every part.
const meterWindow = 30 * time.Second

// meterHistory is how many seconds a graph can show.
const meterHistory = 300

func (m *meter) sample(now time.Time, sum int64) {
	if m.last.IsZero() || sum < m.lastSum {
		*m = meter{began: now, first: sum, last: now, lastSum: sum, second: now, secondAt: sum, history: m.history, best: m.best}
		return
	}
	elapsed := now.Sub(m.last).Seconds()
	if elapsed <= 0 {
		return
	}
	rate := float64(sum-m.lastSum) / elapsed
	// Until the window is full once, the mean is that of what there is, so that it does not creep up from nothing.
	window := min(meterWindow.Seconds(), now.Sub(m.began).Seconds())
	weight := 1 - math.Exp(-elapsed/max(window, elapsed))
	if m.last.Equal(m.began) {
		weight = 1
	}
	m.mean += weight * (rate - m.mean)
	m.last, m.lastSum = now, sum
	if second := now.Sub(m.second).Seconds(); second >= 1 {
		whole := float64(sum-m.secondAt) / second
		m.best = max(m.best, whole)
		m.history = append(m.history, float32(whole))
		if len(m.history) > meterHistory {
			// A copy, because snapshots share the old one.
			m.history = append([]float32(nil), m.history[len(m.history)-meterHistory:]...)
		}
		m.second, m.secondAt = now, sum
	}
}

// average is the rate since the first sample.
func (m *meter) average() float64 {
	if elapsed := m.last.Sub(m.began).Seconds(); elapsed > 0 {
		return float64(m.lastSum-m.first) / elapsed
	}
	return 0
}

// eta is how long rest takes at the mean rate; negative while that is unknown or nothing moves.
func (m *meter) eta(rest int64) time.Duration {
	if m.mean < 1 || m.last.Sub(m.began) < 2*time.Second {
		return -1
	}
	seconds := float64(rest) / m.mean
	if seconds > 1e7 {
		return -1
	}
	return time.Duration(seconds * float64(time.Second))
}
