package report

import (
	"context"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"lbsim/results/internal/sample"
)

// TestInBrowser looks at the page in both colour schemes: the paper must be
// light or dark, and something must stand on it.
func TestInBrowser(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatal("chromium is not installed (Debian: apt-get install chromium)")
	default:
		t.Skip("chromium is not installed (Debian: apt-get install chromium)")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "report.html")
	if err := os.WriteFile(path, []byte(reportOf(t, sample.Storm())), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, scheme := range []struct{ name, setting string }{{"dark", "0"}, {"light", "1"}} {
		page := screenshot(t, chromium, dir, path, scheme.setting)
		paper := color.GrayModel.Convert(page.At(2, 2)).(color.Gray).Y
		if light := paper > 127; light != (scheme.name == "light") {
			t.Errorf("in the %s scheme the paper is %d of 255", scheme.name, paper)
		}
		if marked := contrast(page, paper); marked < 0.01 {
			t.Errorf("in the %s scheme only %.2f %% of the page stand out from the paper", scheme.name, 100*marked)
		}
	}
}

func screenshot(t *testing.T, chromium, dir, path, scheme string) image.Image {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	picture := filepath.Join(dir, "page-"+scheme+".png")
	out, err := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
		"--user-data-dir="+filepath.Join(dir, "profile-"+scheme), "--blink-settings=preferredColorScheme="+scheme,
		"--window-size=1200,2000", "--screenshot="+picture, "file://"+path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	f, err := os.Open(picture)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	page, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// contrast is the share of pixels whose brightness is far from the paper's.
func contrast(page image.Image, paper uint8) float64 {
	b := page.Bounds()
	far := 0
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if d := int(color.GrayModel.Convert(page.At(x, y)).(color.Gray).Y) - int(paper); max(d, -d) > 80 {
				far++
			}
		}
	}
	return float64(far) / float64(b.Dx()*b.Dy())
}
