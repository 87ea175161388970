/* The history of readings. Only sentences that hold for every run of the older reading: what a person should look at
 * when a verdict is not the one that the run showed on its day. */
#include "harness/model/reading.h"

#include "harness/base/compiler.h"

/* The reading with which each began, ascending. */
static const unsigned reading_began[] = { 2, 2, 2, 2, 2, 2, 2, 2, 2 };
static const char *const reading_sentences[] = {
	"SPF, DKIM and DMARC results that a provider writes below its own Received field now count as its results. "
	"They used to be shown as not reported.",
	"A provider's own result words, such as perm_fail or dkim_pass, are now read. One result that breaks the "
	"standard no longer hides the results after it.",
	"If it is not clear which server took the message in for the provider, TLS and sending address are now "
	"unknown. They used to come from another hop.",
	"SPF is now checked for the envelope sender that the run used, even if the provider does not record it. It "
	"used to be checked for the HELO name.",
	"More forms of the Received field are read for TLS, sending address and date.",
	"DMARC is now checked for From fields that break the standard, if they hold one clear address.",
	"A bounce about another recipient no longer changes the outcome. A seed mailbox that is full or disabled now "
	"counts as not tested. It used to count as a failure.",
	"A message that is in no folder is now unknown, and not missing, if the bounce mailbox could not be read.",
	"A message that was read long after it arrived is now dated by the mailbox's own clock, and if that does not "
	"settle whether it was in time, the result is unknown. It used to count as delayed.",
};
_Static_assert(ARRAY_LEN(reading_began) == ARRAY_LEN(reading_sentences), "every sentence has its reading");

const char *const *reading_changes(unsigned reading, size_t *ret_count)
{
	size_t first = 0;
	while (first < ARRAY_LEN(reading_began) && reading_began[first] <= (reading > 0 ? reading : 1))
		first++;
	*ret_count = ARRAY_LEN(reading_began) - first;
	return *ret_count > 0 ? &reading_sentences[first] : NULL;
}
