// How many groups a pass may delete. What is given back was not deleted.
export class Brake {
  constructor(private left: number) {}

  get isOn(): boolean {
    return this.left <= 0;
  }

  take(): boolean {
    if (this.isOn) return false;
    this.left--;
    return true;
  }

  giveBack(): void {
    this.left++;
  }
}
