/* The whole command line: which command, its options and operands, and what it needs before it runs. */
#ifndef CMD_COMMAND_LINE_H
#define CMD_COMMAND_LINE_H

/* The program behind main(): reads the command line and runs the command. Returns the exit code. Not twice at once. */
int command_main(int argc, char **argv);

#endif
