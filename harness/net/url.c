/* URLs by libcurl. */
#include "harness/net/url.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

enum { URL_MAX = 8192 };

/* The part as a string of our own; "" where there is none. NULL for memory. */
static char *part_of(CURLU *handle, CURLUPart what, unsigned flags)
{
	char *text = NULL;
	CURLUcode code = curl_url_get(handle, what, &text, flags);
	if (code == CURLUE_OUT_OF_MEMORY)
		return NULL;
	char *copy = strdup(code == CURLUE_OK ? text : "");
	curl_free(text);
	return copy;
}

static void lower(char *text)
{
	for (; *text; text++)
		*text = ascii_lower(*text);
}

/* libcurl keeps the brackets of an IPv6 address. */
static void drop_brackets(char *host)
{
	size_t len = strlen(host);
	if (len < 2 || host[0] != '[')
		return;
	memmove(host, host + 1, len - 2);
	host[len - 2] = '\0';
}

static int take_parts(CURLU *handle, struct url *url, struct error *err)
{
	uint64_t port = 0;
	char *number = part_of(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
	curl_url_set(handle, CURLUPART_FRAGMENT, NULL, 0);
	*url = (struct url){ .scheme = part_of(handle, CURLUPART_SCHEME, 0),
			     .host = part_of(handle, CURLUPART_HOST, 0),
			     .query = part_of(handle, CURLUPART_QUERY, 0),
			     .whole = part_of(handle, CURLUPART_URL, 0) };
	if (!number || !url->scheme || !url->host || !url->query || !url->whole) {
		free(number);
		url_fini(url);
		return error_memory(err);
	}
	span_to_u64(span_of(number), UINT16_MAX, &port);
	free(number);
	url->port = (uint16_t)port;
	lower(url->scheme);
	lower(url->host);
	drop_brackets(url->host);
	return url->host[0] != '\0';
}

int url_read(struct span text, struct url *ret, struct error *err)
{
	char octets[URL_MAX];
	if (memchr(text.p ? text.p : "", '\0', text.len) || !span_copy(text, octets, sizeof(octets)))
		return 0;
	CURLU *handle = curl_url();
	if (!handle)
		return error_memory(err);
	struct url url = { 0 };
	CURLUcode code = curl_url_set(handle, CURLUPART_URL, octets, CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE);
	int rc = code == CURLUE_OUT_OF_MEMORY ? error_memory(err)
		 : code == CURLUE_OK          ? take_parts(handle, &url, err)
					      : 0;
	curl_url_cleanup(handle);
	if (rc > 0)
		*ret = url;
	else
		url_fini(&url);
	return rc;
}

void url_fini(struct url *url)
{
	free(url->scheme);
	free(url->host);
	free(url->query);
	free(url->whole);
	*url = (struct url){ 0 };
}
