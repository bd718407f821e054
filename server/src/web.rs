//! The web app, as it was built into this relay (`build.rs`).
//!
//! Files whose names carry a hash never change and are kept for good; the others (the page itself, the service worker,
//! the manifest) are asked about each time and answered by their tag. The app decides by the fragment what to show, so
//! an address that is no file's is answered with the page.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

mod embedded {
    //! What `build.rs` found.

    include!(concat!(env!("OUT_DIR"), "/web_files.rs"));
}

/// A file of the built app.
#[derive(Debug)]
pub(crate) struct File {
    path: &'static str,
    /// Differs when the content does.
    etag: &'static str,
    plain: &'static [u8],
    brotli: Option<&'static [u8]>,
}

/// The app may load from its own relay alone, and speak to any: which relays a plan has is the plan's to say. Wasm has
/// to be compiled; no script is written into a page, none is evaluated.
const CONTENT_SECURITY_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; \
     img-src 'self' blob:; font-src 'self'; manifest-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'",
);
/// The camera reads an invitation's code; nothing else of the device is asked for.
const PERMISSIONS: HeaderValue =
    HeaderValue::from_static("camera=(self), geolocation=(), microphone=(), payment=(), usb=()");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

const FOR_GOOD: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_EACH_TIME: HeaderValue = HeaderValue::from_static("no-cache");

/// The app's page.
const PAGE: &str = "/index.html";
/// Vite puts files whose names carry a hash here.
const HASHED: &str = "/assets/";

/// Whether an app was built into this relay.
pub(crate) const fn is_embedded() -> bool {
    !embedded::FILES.is_empty()
}

/// Answers an address from the app that was built in; nothing where there is none.
pub(crate) fn answer(path: &str, headers: &HeaderMap) -> Option<Response> {
    answer_from(embedded::FILES, path, headers)
}

fn answer_from(files: &'static [File], path: &str, headers: &HeaderMap) -> Option<Response> {
    let find = |path: &str| {
        let place = files.binary_search_by(|file| file.path.cmp(path)).ok()?;
        files.get(place)
    };
    // A file of an older build that is gone must not be taken for the page.
    let is_file = path.starts_with(HASHED) || path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    let file = find(path).or_else(|| find(PAGE).filter(|_| !is_file))?;
    Some(file.answer(headers))
}

impl File {
    fn answer(&self, asked: &HeaderMap) -> Response {
        let lasting = if self.path.starts_with(HASHED) { FOR_GOOD } else { ASK_EACH_TIME };
        let headers = [
            (header::CACHE_CONTROL, lasting),
            (header::ETAG, HeaderValue::from_static(self.etag)),
            (header::VARY, HeaderValue::from_static("accept-encoding")),
            (header::CONTENT_TYPE, HeaderValue::from_static(content_type(self.path))),
            (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            (PERMISSIONS_POLICY, PERMISSIONS),
            (OPENER_POLICY, HeaderValue::from_static("same-origin")),
            (RESOURCE_POLICY, HeaderValue::from_static("same-origin")),
        ];
        if names(asked, &header::IF_NONE_MATCH).any(|tag| tag.trim_start_matches("W/") == self.etag) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        match self.brotli {
            Some(brotli) if takes_brotli(asked) => {
                let encoding = [(header::CONTENT_ENCODING, HeaderValue::from_static("br"))];
                (headers, encoding, brotli).into_response()
            }
            _ => (headers, self.plain).into_response(),
        }
    }
}

/// The words of a header that lists several.
fn names<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

/// Whether the client takes brotli: it names it, and not with a weight of nothing.
fn takes_brotli(asked: &HeaderMap) -> bool {
    names(asked, &header::ACCEPT_ENCODING).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.trim().parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case("br") && weight != Some(0.0)
    })
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: &[File] = &[
        File { path: "/assets/app-1a2b.js", etag: "\"one\"", plain: b"let it = 1", brotli: Some(b"pressed") },
        File { path: "/index.html", etag: "\"page\"", plain: b"<!doctype html>", brotli: None },
        File { path: "/sw.js", etag: "\"worker\"", plain: b"self", brotli: None },
    ];

    #[test]
    fn hashed_files_are_kept_for_good_and_the_page_is_asked_about() {
        assert_eq!(
            said(&get("/assets/app-1a2b.js", &[]), "cache-control"),
            "public, max-age=31536000, immutable"
        );
        assert_eq!(said(&get("/", &[]), "cache-control"), "no-cache");
        assert_eq!(said(&get("/sw.js", &[]), "cache-control"), "no-cache");
    }

    #[test]
    fn brotli_goes_to_those_who_take_it() {
        let script = |accepts| get("/assets/app-1a2b.js", &[("accept-encoding", accepts)]);
        for accepts in ["gzip, deflate, br, zstd", "BR;q=0.5", "identity;q=0.1, br"] {
            assert_eq!(said(&script(accepts), "content-encoding"), "br", "{accepts}");
        }
        for accepts in ["gzip", "br;q=0", "brotli", ""] {
            assert_eq!(said(&script(accepts), "content-encoding"), "", "{accepts}");
        }
        assert_eq!(said(&script("gzip"), "vary"), "accept-encoding");
        assert_eq!(said(&get("/sw.js", &[("accept-encoding", "br")]), "content-encoding"), "");
    }

    #[test]
    fn what_a_client_has_already_is_not_sent_again() {
        let again = get("/", &[("if-none-match", "\"other\", W/\"page\"")]);
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(get("/", &[("if-none-match", "\"other\"")]).status(), StatusCode::OK);
    }

    #[test]
    fn the_app_runs_under_a_strict_policy() {
        let page = get("/", &[]);
        let policy = said(&page, "content-security-policy");
        assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval';"), "{policy}");
        assert!(policy.contains("connect-src 'self' ws: wss:;"), "{policy}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
        assert_eq!(said(&page, "x-content-type-options"), "nosniff");
    }

    #[test]
    fn an_address_that_is_no_files_is_the_apps_and_a_file_that_is_gone_is_not() {
        assert_eq!(said(&get("/join", &[]), "content-type"), "text/html; charset=utf-8");
        assert!(answer_from(FILES, "/assets/app-0000.js", &HeaderMap::new()).is_none());
        assert!(answer_from(FILES, "/assets/folder", &HeaderMap::new()).is_none());
        assert!(answer_from(FILES, "/favicon.ico", &HeaderMap::new()).is_none());
        assert!(answer_from(&[], "/", &HeaderMap::new()).is_none());
    }

    #[test]
    fn what_was_built_in_is_in_order_to_be_found() {
        assert!(embedded::FILES.is_sorted_by_key(|file| file.path));
        assert_eq!(is_embedded(), answer("/", &HeaderMap::new()).is_some());
    }

    fn get(path: &str, headers: &[(&'static str, &'static str)]) -> Response {
        let asked = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        answer_from(FILES, path, &asked.collect()).unwrap()
    }

    fn said<'a>(response: &'a Response, header: &str) -> &'a str {
        response.headers().get(header).map_or("", |value| value.to_str().unwrap())
    }
}
