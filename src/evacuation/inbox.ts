/**
 * Messages for one reader. A reader that raced promises instead would leave a reaction on every long one each time
 * around: over a week-long pass they add up.
 */
export class Inbox<Message> {
  #messages: Message[] = [];
  #reader: (() => void) | undefined;

  get isEmpty(): boolean {
    return this.#messages.length === 0;
  }

  put(message: Message): void {
    this.#messages.push(message);
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.();
  }

  /** All that has come, as soon as there is some; oldest first. */
  async take(): Promise<Message[]> {
    if (this.isEmpty) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#reader = resolve;
      await promise;
    }
    const messages = this.#messages;
    this.#messages = [];
    return messages;
  }
}
