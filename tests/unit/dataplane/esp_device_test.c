/* Starting a cryptographic device, the software one that needs no hardware. */
#include "dataplane/esp/device.h"

#include <rte_cryptodev.h>
#include <rte_eal.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "dataplane/eal_init.h"

#define DEVICE "crypto_aesni_mb"
#define SAS    64

static int eal_begin(void **state)
{
	char *const arguments[] = {"test", "--no-huge", "-m", "64", "--no-pci", "--no-telemetry",
				   "--no-shconf", "--log-level=critical", "--file-prefix",
				   "sekisho-esp-device-test"};

	(void)state;
	return eal_init(10, (char **)(uintptr_t)arguments) < 0 ? -1 : 0;
}

static int eal_end(void **state)
{
	(void)state;
	return rte_eal_cleanup();
}

static void devices_that_cannot_be_are_refused(void **state)
{
	struct esp_device none = {0};

	(void)state;
	assert_int_equal(esp_device_open("crypto_nobody_has", 1, SAS, &none), RESULT_NOT_FOUND);
	assert_int_equal(esp_device_open(DEVICE, 0, SAS, &none), RESULT_BAD);
	assert_int_equal(esp_device_open(DEVICE, 60000, SAS, &none), RESULT_BAD);
	assert_null(none.sessions);
}

static void a_device_has_a_queue_for_each_worker(void **state)
{
	struct esp_device device;

	(void)state;
	assert_int_equal(esp_device_open(DEVICE, 2, SAS, &device), RESULT_OK);
	assert_int_equal(device.queues, 2);
	assert_int_equal(rte_cryptodev_queue_pair_count(device.id), 2);
	assert_non_null(device.sessions);
	esp_device_close(&device);
	assert_null(device.sessions);
	esp_device_close(&device); /* a second time does no harm */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(devices_that_cannot_be_are_refused),
		cmocka_unit_test(a_device_has_a_queue_for_each_worker),
	};

	return cmocka_run_group_tests(tests, eal_begin, eal_end);
}
