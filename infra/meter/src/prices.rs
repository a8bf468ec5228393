//! Prices and assumptions as data: `prices.json`, with the date on which each was entered and where it was read.
//! It decides nothing.

use serde::Deserialize;

const FILE: &str = include_str!("../prices.json");

#[derive(Deserialize)]
pub(crate) struct Prices {
    pub(crate) region: String,
    pub(crate) entered: String,
    #[serde(rename = "prices")]
    list: Vec<Price>,
    assumptions: Vec<Assumption>,
}

#[derive(Deserialize)]
pub(crate) struct Price {
    name: String,
    dollars: f64,
    of: f64,
    verified: bool,
    source: String,
}

#[derive(Deserialize)]
pub(crate) struct Assumption {
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) why: String,
}

impl Prices {
    /// The file's. It is part of the program, and a test reads it.
    pub(crate) fn read() -> Self {
        serde_json::from_str(FILE).expect("prices.json reads")
    }

    /// Dollars of one unit.
    pub(crate) fn of(&self, name: &str) -> f64 {
        let price = self.list.iter().find(|price| price.name == name);
        price.map(|price| price.dollars / price.of).expect("prices.json holds every price that is asked for")
    }

    pub(crate) fn assumed(&self, name: &str) -> f64 {
        let assumption = self.assumptions.iter().find(|assumption| assumption.name == name);
        assumption.map(|assumption| assumption.value).expect("prices.json holds every assumption that is asked for")
    }

    /// What is from memory alone, with the page that would tell.
    pub(crate) fn unverified(&self) -> Vec<String> {
        let unverified = self.list.iter().filter(|price| !price.verified);
        unverified.map(|price| format!("{} ({})", price.name, price.source)).collect()
    }

    pub(crate) fn assumptions(&self) -> &[Assumption] {
        &self.assumptions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_price_says_where_it_was_read_and_every_assumption_why() {
        let prices = Prices::read();
        assert!(prices.list.iter().all(|price| price.source.starts_with("https://") && price.of >= 1.0));
        assert!(prices.assumptions.iter().all(|assumption| assumption.value > 0.0 && !assumption.why.is_empty()));
        let digits = prices.entered.bytes().filter(u8::is_ascii_digit).count();
        assert_eq!((digits, prices.entered.len()), (8, 10), "a date: {}", prices.entered);
    }

    #[test]
    fn a_price_is_of_one_unit() {
        let million = Prices::read().of("dynamodb.write_unit") * 1e6;
        assert!((million - 0.625).abs() < 1e-9, "{million}");
    }
}
