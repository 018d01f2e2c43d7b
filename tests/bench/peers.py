"""The filters of the distribution, where they are installed: Bayes only, trained on the same comments."""


class Peers:
    def __init__(self, bench):
        self.bench = bench
        self.bogofilter = None

    def why(self, name):
        return f"{name} is not installed"

    def servers(self):
        pass
