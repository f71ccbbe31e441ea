/* Runs all tests; the argument is the number of random shapes. */
#include "testing.h"

#include "kernels.h"

int main(int count, char **arguments) {
    int shapes = count > 1 ? atoi(arguments[1]) : 300;
    printf("kernels: the best instruction set here is %s\n", hr_isa_find("")->name);
    test_halves();
    test_pool();
    test_operations(shapes);
    test_products(shapes);
    test_steps(shapes / 50 + 4);
    printf("kernels: %d shapes agree\n", shapes);
    return 0;
}
