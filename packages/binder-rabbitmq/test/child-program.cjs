// A process of its own for the checks on signals and on the end of a process; see BinderUnderTest.childProgram.
const { binder } = require('@millrace/binder-rabbitmq');
const { childProgram } = require('@millrace/binder-test-suite');

childProgram(binder);
