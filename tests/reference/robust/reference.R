# What clubSandwich gives for the data sets in ../mixed: Rscript reference.R > reference.csv
suppressMessages(library(clubSandwich))
rows <- list()
add <- function(data, model, fit, cluster, term) {
  for (kind in c("CR0", "CR1", "CR2")) {
    found <- coef_test(fit, vcov = kind, cluster = cluster, test = "Satterthwaite")
    rows[[length(rows) + 1]] <<- data.frame(
      data = data, model = model, kind = kind, estimate = found[term, "beta"], std_error = found[term, "SE"],
      df = if ("df_Satt" %in% names(found)) found[term, "df_Satt"] else found[term, "df"])
  }
}
for (file in sort(list.files("../mixed", pattern = "\\.csv$", full.names = TRUE))) {
  name <- sub("\\.csv$", "", basename(file))
  if (name == "reference") next
  d <- read.csv(file)
  d <- d[d$wave != "followup", ]
  d$wave <- factor(d$wave, levels = c("pre", "post"))
  wide <- merge(d[d$wave == "pre", ], d[d$wave == "post", ], by = c("participant", "cohort"))
  wide$change <- wide$score.y - wide$score.x
  add(name, "change", lm(change ~ 1, wide), wide$cohort, 1)
  add(name, "long", lm(score ~ wave, d), d$cohort, 2)
}
out <- do.call(rbind, rows)
out[, 4:6] <- lapply(out[, 4:6], function(x) trimws(formatC(x, digits = 14, format = "g")))
write.csv(out, row.names = FALSE, quote = FALSE)
