# What lme4, lmerTest and pbkrtest give for the data sets of this folder: Rscript reference.R > reference.csv
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest)})
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(maxfun = 1e6, rhoend = 1e-10), check.conv.singular = "ignore")
rows <- list()
report <- function(fit, name, frame, effects, described, later) {
  adjusted <- vcovAdj(fit)
  for (w in later) {
    L <- as.numeric(names(fixef(fit)) == paste0("wave", w))
    satterthwaite <- contest1D(fit, L)
    rows[[length(rows) + 1]] <<- data.frame(
      data = name, frame = frame, cohort_effects = effects, covariates = described, wave = w,
      criterion = REMLcrit(fit), estimate = sum(L * fixef(fit)),
      std_error = satterthwaite[["Std. Error"]], df_satterthwaite = satterthwaite[["df"]],
      std_error_kr = sqrt(as.numeric(t(L) %*% adjusted %*% L)), df_kr = Lb_ddf(L, vcov(fit), adjusted))
  }
}
for (file in sort(list.files(pattern = "\\.csv$"))) {
  name <- sub("\\.csv$", "", file)
  if (name %in% c("reference", "unstructured", "dyestuff")) next
  d <- read.csv(file, na.strings = c("NA", ""))
  waves <- intersect(c("pre", "post", "followup"), unique(d$wave))
  d$wave <- factor(d$wave, levels = waves)
  d$cohort <- factor(d$cohort)
  later <- waves[-1]
  for (w in later) d[[w]] <- as.numeric(d$wave == w)
  varying <- paste(c("(1|cohort)", sprintf("(0+%s|cohort)", later), "(1|participant)"), collapse = "+")
  for (described in c("", if ("age" %in% names(d)) " + age + profession")) {
    label <- gsub(" + ", " ", sub("^ \\+ ", "", described), fixed = TRUE)
    fit <- function(fixed, random, ...)
      lmer(as.formula(paste0("score ~ ", fixed, described, " + ", random)), d, control = control, ...)
    sums <- list(cohort = "contr.sum")
    report(fit("wave * cohort", "(1|participant)", contrasts = sums), name, "these_cohorts", "level and change", label, later)
    report(fit("wave", varying), name, "future_cohorts", "level and change", label, later)
    report(fit("wave", "(1|cohort) + (1|participant)"), name, "future_cohorts", "level", label, later)
  }
}
out <- do.call(rbind, rows)
out[, 6:11] <- lapply(out[, 6:11], function(x) formatC(x, digits = 12, format = "g"))
write.csv(out, row.names = FALSE, quote = FALSE)
