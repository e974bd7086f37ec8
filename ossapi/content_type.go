package ossapi

import (
	"path"
	"strings"
)

// defaultContentType is what OSS itself gives an object without a type.
const defaultContentType = "application/octet-stream"

// contentTypes is the table of ContentTypeOf: an extension and its type a line.
// It is its own because the system's table differs between machines, and so
// would the objects of two people who upload the same file.
const contentTypes = `
.7z application/x-7z-compressed
.apk application/vnd.android.package-archive
.avi video/vnd.avi
.avif image/avif
.bmp image/bmp
.bz2 application/x-bzip2
.conf text/plain
.css text/css
.csv text/csv
.deb application/vnd.debian.binary-package
.doc application/msword
.docx application/vnd.openxmlformats-officedocument.wordprocessingml.document
.epub application/epub+zip
.flac audio/flac
.gif image/gif
.gz application/gzip
.heic image/heic
.htm text/html
.html text/html
.ico image/vnd.microsoft.icon
.ini text/plain
.iso application/x-iso9660-image
.jar application/java-archive
.jpeg image/jpeg
.jpg image/jpeg
.js text/javascript
.json application/json
.log text/plain
.m3u8 application/vnd.apple.mpegurl
.m4a audio/mp4
.m4v video/mp4
.map application/json
.md text/markdown
.mjs text/javascript
.mkv video/matroska
.mov video/quicktime
.mp3 audio/mpeg
.mp4 video/mp4
.mpeg video/mpeg
.mpg video/mpeg
.oga audio/ogg
.ogg audio/ogg
.opus audio/ogg
.otf font/otf
.parquet application/vnd.apache.parquet
.pdf application/pdf
.png image/png
.ppt application/vnd.ms-powerpoint
.pptx application/vnd.openxmlformats-officedocument.presentationml.presentation
.rar application/vnd.rar
.rpm application/x-rpm
.rtf application/rtf
.svg image/svg+xml
.tar application/x-tar
.tbz2 application/x-bzip2
.text text/plain
.tgz application/gzip
.tif image/tiff
.tiff image/tiff
.toml application/toml
.ts video/mp2t
.tsv text/tab-separated-values
.ttf font/ttf
.txt text/plain
.txz application/x-xz
.wasm application/wasm
.wav audio/vnd.wave
.webm video/webm
.webp image/webp
.woff font/woff
.woff2 font/woff2
.xls application/vnd.ms-excel
.xlsx application/vnd.openxmlformats-officedocument.spreadsheetml.sheet
.xml application/xml
.xz application/x-xz
.yaml application/yaml
.yml application/yaml
.zip application/zip
.zst application/zstd
`

// ContentTypeOf is the content type that Initiate and Put give an object without one of its own: by the extension of its key, in any
// case of letters; "application/octet-stream" where that says nothing.
func ContentTypeOf(key string) string {
	ext := strings.ToLower(path.Ext(key))
	if ext == "" || strings.ContainsAny(ext, " \n") {
		return defaultContentType
	}
	_, rest, found := strings.Cut(contentTypes, "\n"+ext+" ")
	if !found {
		return defaultContentType
	}
	contentType, _, _ := strings.Cut(rest, "\n")
	return contentType
}
