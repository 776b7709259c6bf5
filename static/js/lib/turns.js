// Tells the answer that is still wanted from one that comes after the next question, or after somebody left.

/** Each `take` begins a turn, and returns whether that turn still lasts. It ends with the next one, or with `end`. */
export function createTurns() {
  let turn = 0;
  return {
    take() {
      turn += 1;
      const mine = turn;
      return () => mine === turn;
    },
    end() {
      turn += 1;
    },
  };
}
